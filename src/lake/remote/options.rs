//! Options for reaching a bucket, under `object_store`'s own names.
//!
//! An option of a store that the lake is not in does nothing, as with the environment. It deliberately does not know
//! which values an option takes: a store says that itself when it is opened.

use std::collections::HashMap;
use std::fmt;

use object_store::aws::AmazonS3ConfigKey as Aws;
use object_store::azure::AzureConfigKey as Azure;
use object_store::gcp::GoogleConfigKey as Google;

use crate::yaml::nearest;

/// The way of conditional puts in which a name that is taken is refused.
pub(super) const PUT_IF_ABSENT: &str = "etag";
pub(super) const WHY_PUT_IF_ABSENT: &str =
    "a commit is a put-if-absent: without it two processes could overwrite each other's";
const WHY_NO_BUCKET: &str = "the lake's URL names it";
/// `object_store` does not export the type that has this key.
const CUSTOMER_KEY: &str = "aws_sse_customer_key_base64";

/// What is suggested to who misspells one. `object_store` knows more names for some of them, and all are taken.
const NAMES: [&str; 41] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_region",
    "aws_default_region",
    "aws_endpoint",
    "aws_endpoint_url",
    "aws_allow_http",
    "aws_virtual_hosted_style_request",
    "aws_s3_express",
    "aws_unsigned_payload",
    "aws_checksum_algorithm",
    "aws_imdsv1_fallback",
    "aws_metadata_endpoint",
    "aws_role_arn",
    "aws_role_session_name",
    "aws_web_identity_token_file",
    "aws_endpoint_url_sts",
    "aws_skip_signature",
    "aws_request_payer",
    "aws_server_side_encryption",
    "aws_sse_kms_key_id",
    "google_service_account",
    "google_service_account_key",
    "google_application_credentials",
    "google_base_url",
    "google_skip_signature",
    "azure_storage_account_name",
    "azure_storage_account_key",
    "azure_storage_sas_key",
    "azure_client_id",
    "azure_client_secret",
    "azure_tenant_id",
    "azure_federated_token_file",
    "azure_endpoint",
    "azure_use_azure_cli",
    "azure_allow_http",
    "timeout",
    "connect_timeout",
    "proxy_url",
    "allow_invalid_certificates",
];

/// One store's option.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    Aws(Aws),
    Google(Google),
    Azure(Azure),
}

/// Options for reaching a bucket.
#[derive(Clone, Default)]
pub struct StoreOptions(HashMap<Key, String>);

/// Why an option is not set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreOptionRefused {
    /// No store has it; perhaps this one was meant.
    Unknown(Option<&'static str>),
    /// It is not for others to set.
    Owned(&'static str),
}

impl StoreOptions {
    /// Sets an option.
    pub fn set(&mut self, name: &str, value: String) -> Result<(), StoreOptionRefused> {
        let keys: Vec<Key> = Key::named(name).collect();
        if keys.is_empty() {
            return Err(StoreOptionRefused::Unknown(nearest(name, NAMES.into_iter())));
        }
        if let Some(why) = keys.iter().find_map(|key| key.owned(&value)) {
            return Err(StoreOptionRefused::Owned(why));
        }
        self.0.extend(keys.into_iter().map(|key| (key, value.clone())));
        Ok(())
    }

    /// Takes over options that were set elsewhere; those win.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any store has an option of this name.
    pub fn is_known(name: &str) -> bool {
        Key::named(name).next().is_some()
    }

    /// Whether an option's value must never be shown.
    pub fn is_secret(name: &str) -> bool {
        Key::named(name).any(Key::is_secret)
    }

    /// What a store says, which may repeat what it could not read, without the secrets among it.
    pub(super) fn without_secrets(&self, message: String) -> String {
        let secrets = self.0.iter().filter(|(key, value)| key.is_secret() && !value.is_empty());
        secrets.fold(message, |message, (_, secret)| message.replace(secret.as_str(), "***"))
    }

    pub(super) fn aws(&self) -> impl Iterator<Item = (Aws, &str)> {
        self.0.iter().filter_map(|(key, value)| match key {
            Key::Aws(key) => Some((*key, value.as_str())),
            _ => None,
        })
    }

    pub(super) fn google(&self) -> impl Iterator<Item = (Google, &str)> {
        self.0.iter().filter_map(|(key, value)| match key {
            Key::Google(key) => Some((*key, value.as_str())),
            _ => None,
        })
    }

    pub(super) fn azure(&self) -> impl Iterator<Item = (Azure, &str)> {
        self.0.iter().filter_map(|(key, value)| match key {
            Key::Azure(key) => Some((*key, value.as_str())),
            _ => None,
        })
    }
}

impl Key {
    /// What a name means; `timeout` is an option of every store.
    fn named(name: &str) -> impl Iterator<Item = Self> {
        let aws = name.parse().ok().map(Self::Aws);
        let google = name.parse().ok().map(Self::Google);
        let azure = name.parse().ok().map(Self::Azure);
        [aws, google, azure].into_iter().flatten()
    }

    /// Why this value is not for others to set; `None` where it is.
    fn owned(self, value: &str) -> Option<&'static str> {
        match self {
            Self::Aws(Aws::ConditionalPut) if value.trim() != PUT_IF_ABSENT => {
                Some(WHY_PUT_IF_ABSENT)
            }
            Self::Aws(Aws::Bucket)
            | Self::Google(Google::Bucket)
            | Self::Azure(Azure::ContainerName) => Some(WHY_NO_BUCKET),
            _ => None,
        }
    }

    fn is_secret(self) -> bool {
        match self {
            Self::Aws(Aws::SecretAccessKey | Aws::Token) => true,
            Self::Aws(key) => key.as_ref() == CUSTOMER_KEY,
            Self::Google(key) => key == Google::ServiceAccountKey,
            Self::Azure(key) => matches!(
                key,
                Azure::AccessKey
                    | Azure::ClientSecret
                    | Azure::SasKey
                    | Azure::Token
                    | Azure::FabricSessionToken
            ),
        }
    }

    fn name(self) -> String {
        let (service, name) = match &self {
            Self::Aws(key) => ("aws", key.as_ref()),
            Self::Google(key) => ("google", key.as_ref()),
            Self::Azure(key) => ("azure", key.as_ref()),
        };
        if name.starts_with(service) { name.to_owned() } else { format!("{service}_{name}") }
    }
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may carry a password.
        let is_secret = |key: &Key, value: &str| key.is_secret() || value.contains('@');
        let shown = |(key, value): (&Key, &String)| {
            (key.name(), if is_secret(key, value) { "***".to_owned() } else { value.clone() })
        };
        let mut shown: Vec<(String, String)> = self.0.iter().map(shown).collect();
        shown.sort();
        f.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
pub(super) fn suggested() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}
