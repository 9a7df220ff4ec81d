//! Arguments → command → exit code; nothing else.

use std::process::ExitCode;

use chunfeng::cli::Arguments;
use clap::Parser;

// Also of what librdkafka allocates: for each record, on another thread than it is freed on.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // clap exits with 2 on wrong usage, as we do on everything else that has to be mended before a start.
    let arguments = Arguments::parse();
    chunfeng::telemetry::start_logging(arguments.verbose);
    match arguments.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            chunfeng::cli::report(&error, arguments.verbose);
            ExitCode::from(error.kind().exit_code())
        }
    }
}
