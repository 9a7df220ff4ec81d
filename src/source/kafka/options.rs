//! Kafka options: passed through to librdkafka as they are, but for those this program must own.

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::ClientConfig;

/// Options that would break the promise if somebody else set them, and why.
pub const OWNED_OPTIONS: [(&str, &str); 6] = [
    ("enable.auto.commit", "the ledger says what has been consumed, not Kafka"),
    ("enable.auto.offset.store", "the ledger says what has been consumed, not Kafka"),
    ("auto.offset.reset", "a gap must be told, not skipped"),
    ("group.protocol", "the classic protocol is the one that is driven here"),
    ("enable.partition.eof", "the end of a partition says nothing about a stream"),
    ("check.crcs", "a record damaged on its way must not become a fact"),
];

/// Parts of an option's name that mark it as a secret.
const SECRET: [&str; 5] = ["password", "passphrase", "secret", "key.pem", "oauthbearer.config"];

/// Options of a consumer.
#[derive(Clone, Default)]
pub struct KafkaOptions(BTreeMap<String, String>);

impl KafkaOptions {
    /// Sets an option. `Err` says why it may not be set.
    pub fn set(&mut self, name: &str, value: String) -> Result<(), &'static str> {
        match OWNED_OPTIONS.iter().find(|(owned, _)| *owned == name) {
            Some((_, why)) => Err(why),
            None => {
                self.0.insert(name.to_owned(), value);
                Ok(())
            }
        }
    }

    /// Takes over options that were set elsewhere; those win.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The value of an option.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether an option's value must never be shown.
    pub fn is_secret(name: &str) -> bool {
        SECRET.iter().any(|part| name.contains(part))
    }

    /// librdkafka's configuration.
    pub fn client_config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("group.id", "chunfeng").set("client.id", "chunfeng");
        // What an instance has already keeps flowing while others come and go.
        config.set("partition.assignment.strategy", "cooperative-sticky");
        // Prometheus is told; that brokers are told, too, takes a lock for every record.
        config.set("enable.metrics.push", "false");
        for (name, value) in &self.0 {
            config.set(name, value);
        }
        config
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("check.crcs", "true");
        config
    }
}

impl fmt::Debug for KafkaOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str, value: &str| {
            if Self::is_secret(name) { "***".to_owned() } else { value.to_owned() }
        };
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, shown(name, value))))
            .finish()
    }
}
