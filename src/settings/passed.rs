//! Options that are passed on to a library under that library's own names: Kafka's, and the object store's.
//!
//! It deliberately does not know where they were typed.

use crate::lake::{StoreOptionRefused, StoreOptions};
use crate::source::kafka::KafkaOptions;

/// Why an option is not set.
pub enum Refused {
    /// There is none of this name; perhaps this one was meant.
    Unknown(Option<&'static str>),
    /// It is not for others to set.
    Owned(&'static str),
}

/// The options of a library.
pub trait Passed: Default {
    /// What a variable's name begins with.
    const VARIABLE: &'static str;

    /// Sets an option.
    fn put(&mut self, name: &str, value: String) -> Result<(), Refused>;

    /// Whether an option's value must never be shown.
    fn is_secret(name: &str) -> bool;

    /// The option behind the rest of a variable's name.
    fn of_variable(rest: &str) -> String;

    /// Whether an option is called so, though its name ends as that of a file with the value would.
    fn names_a_file(name: &str) -> bool;

    /// The variable that sets an option.
    fn variable(name: &str) -> String {
        format!("{}{}", Self::VARIABLE, name.replace('.', "_").to_uppercase())
    }
}

impl Passed for KafkaOptions {
    const VARIABLE: &'static str = "CHUNFENG_KAFKA_";

    fn put(&mut self, name: &str, value: String) -> Result<(), Refused> {
        self.set(name, value).map_err(Refused::Owned)
    }

    fn is_secret(name: &str) -> bool {
        Self::is_secret(name)
    }

    fn of_variable(rest: &str) -> String {
        rest.to_lowercase().replace('_', ".")
    }

    fn names_a_file(_name: &str) -> bool {
        false
    }
}

impl Passed for StoreOptions {
    const VARIABLE: &'static str = "CHUNFENG_STORE_";

    fn put(&mut self, name: &str, value: String) -> Result<(), Refused> {
        self.set(name, value).map_err(|refused| match refused {
            StoreOptionRefused::Unknown(nearest) => Refused::Unknown(nearest),
            StoreOptionRefused::Owned(why) => Refused::Owned(why),
        })
    }

    fn is_secret(name: &str) -> bool {
        Self::is_secret(name)
    }

    fn of_variable(rest: &str) -> String {
        rest.to_lowercase()
    }

    fn names_a_file(name: &str) -> bool {
        Self::is_known(name)
    }
}
