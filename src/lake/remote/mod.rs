//! A bucket as the lake's store: S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.
//!
//! Credentials and addresses come from the environment as `object_store` reads it (`AWS_…`, `GOOGLE_…`, `AZURE_…`), and
//! from [`StoreOptions`], which win. Its own retries are few and short, so that a store that fails is seen to fail: who
//! waits for it, and how long, is [`super::Patience`]'s business. It deliberately does not know Delta.

mod options;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Aws};
use object_store::azure::{AzureConfigKey as Azure, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStoreScheme, RetryConfig};
use url::Url;

pub use options::{StoreOptionRefused, StoreOptions};

use super::table::ObjectStoreRef;

/// A hiccup is not worth a pause of the whole engine …
const RETRIES: usize = 2;
/// … and what lasts longer has to be told.
const RETRIED_FOR: Duration = Duration::from_secs(5);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// The store behind a bucket's URL, rooted at the bucket. `Err` says why it cannot be used.
pub(super) fn open(
    url: &Url,
    kind: ObjectStoreScheme,
    options: &StoreOptions,
) -> Result<ObjectStoreRef, String> {
    let told = |error: object_store::Error| options.without_secrets(error.to_string());
    match kind {
        ObjectStoreScheme::AmazonS3 => {
            let builder = amazon(url, options);
            refuse_overwriting(&builder)?;
            let value = |key| builder.get_config_value(&key);
            let endpoint = value(Aws::S3Endpoint).or_else(|| value(Aws::Endpoint));
            let may = value(Aws::Client(ClientConfigKey::AllowHttp));
            refuse_plain_http(endpoint, may, "aws")?;
            Ok(Arc::new(builder.build().map_err(told)?))
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            let builder = GoogleCloudStorageBuilder::from_env().with_url(url.as_str());
            let builder = options
                .google()
                .fold(builder, |builder, (key, value)| builder.with_config(key, value));
            Ok(Arc::new(builder.with_retry(retry()).build().map_err(told)?))
        }
        ObjectStoreScheme::MicrosoftAzure => {
            let builder = MicrosoftAzureBuilder::from_env().with_url(url.as_str());
            let builder = options
                .azure()
                .fold(builder, |builder, (key, value)| builder.with_config(key, value));
            let value = |key| builder.get_config_value(&key);
            let may = value(Azure::Client(ClientConfigKey::AllowHttp));
            refuse_plain_http(value(Azure::Endpoint), may, "azure")?;
            Ok(Arc::new(builder.with_retry(retry()).build().map_err(told)?))
        }
        _ => Err(format!("`{}` storage is not supported", url.scheme())),
    }
}

fn amazon(url: &Url, options: &StoreOptions) -> AmazonS3Builder {
    let builder = AmazonS3Builder::from_env().with_url(url.as_str()).with_retry(retry());
    options.aws().fold(builder, |builder, (key, value)| builder.with_config(key, value))
}

fn retry() -> RetryConfig {
    let backoff = BackoffConfig { max_backoff: LONGEST_BACKOFF, ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRIED_FOR }
}

/// The environment, too, may switch off what commits rest on.
fn refuse_overwriting(builder: &AmazonS3Builder) -> Result<(), String> {
    match builder.get_config_value(&Aws::ConditionalPut) {
        Some(how) if how.trim() != options::PUT_IF_ABSENT => {
            Err(format!("`aws_conditional_put` is `{how}`, but {}", options::WHY_PUT_IF_ABSENT))
        }
        _ => Ok(()),
    }
}

/// The client would refuse every single request, and say little about it.
fn refuse_plain_http(
    endpoint: Option<String>,
    may: Option<String>,
    service: &str,
) -> Result<(), String> {
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    match is_plain && may.is_none_or(|may| may != "true") {
        true => Err(format!(
            "its endpoint is plain http, which needs the option `{service}_allow_http: true`"
        )),
        false => Ok(()),
    }
}
