//! What a storage's failure means: whether it may pass by itself, and whose business it is.
//!
//! It deliberately does not know which storage it was, nor what was being done.

use buoyant_kernel::Error as Kernel;
use object_store::Error as Storage;

type Cause = dyn std::error::Error + 'static;

/// Whether the storage failed, and not what we asked of it: it is away, throttles, is full, or lets nobody in just now.
pub(super) fn may_pass(error: &Cause) -> bool {
    match of_storage(error) {
        Some(
            Storage::AlreadyExists { .. }
            | Storage::InvalidPath { .. }
            | Storage::NotSupported { .. }
            | Storage::NotImplemented { .. }
            | Storage::UnknownConfigurationKey { .. },
        )
        | None => false,
        Some(_) => !is_missing(error),
    }
}

/// Whether the storage does not let us in.
pub(super) fn is_denied(error: &Cause) -> bool {
    of_storage(error).is_some_and(|storage| match storage {
        Storage::PermissionDenied { .. } | Storage::Unauthenticated { .. } => true,
        _ => has_status(storage, 403) || has_status(storage, 401),
    })
}

/// Whether what was asked for is not there.
pub(super) fn is_missing(error: &Cause) -> bool {
    of_storage(error).is_some_and(|storage| match storage {
        Storage::NotFound { .. } => true,
        _ => has_status(storage, 404),
    })
}

/// A listing of a bucket that fails keeps the status it failed with to a type that is not exported, and to its words.
fn has_status(storage: &Storage, status: u16) -> bool {
    matches!(storage, Storage::Generic { .. })
        && storage.to_string().contains(&format!("status code: {status} "))
}

/// A failure in one line, with what is at the bottom of it: a client says that it could not send, and not why. A store
/// may answer with a page of XML.
pub(super) fn in_one_line(error: &Cause) -> String {
    let (told, deepest) = (error.to_string(), deepest(error).to_string());
    let whole = if told.contains(&deepest) { told } else { format!("{told}: {deepest}") };
    whole.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn deepest(error: &Cause) -> &Cause {
    error.source().map_or(error, deepest)
}

/// What the storage itself said, somewhere among the causes.
fn of_storage(error: &Cause) -> Option<&Storage> {
    let storage = match error.downcast_ref() {
        // Delta's kernel does not count it among its causes.
        Some(Kernel::ObjectStore(storage)) => Some(storage),
        _ => error.downcast_ref(),
    };
    storage.or_else(|| error.source().and_then(of_storage))
}
