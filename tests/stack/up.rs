//! `tests/stack/up`, the compose stack without Docker, ends in a Prometheus full of data whose rules all work, and ends in order.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::http::{encoded, free_ports, get_json};
use crate::process::{Process, within};
use crate::program::Home;
use crate::services;

/// Kafka, eleven topics, and a spring that plays for fifteen seconds.
const PLAYED: Duration = Duration::from_secs(240);
const SHOWN: Duration = Duration::from_secs(120);
const ENDED: Duration = Duration::from_secs(180);

#[test]
fn the_stack_without_docker_comes_up_full_of_data_and_goes_in_order() {
    let home = Home::new();
    let first = free_ports(6);
    let at = |offset: u16| SocketAddr::from(([127, 0, 0, 1], first + offset));
    let (prometheus, chunfeng) = (at(2), at(4));
    let mut command = Command::new(services::project().join("tests/stack/up"));
    command
        .args(["--dir", &home.path("stack").display().to_string(), "--over", "15s"])
        .args(["--ports", &first.to_string()])
        .env("CHUNFENG", env!("CARGO_BIN_EXE_chunfeng"))
        // Which is no setting of chunfeng's.
        .env("CHUNFENG_STACK_EVENTS", "1");
    let mut stack = Process::start("up", &mut command, &home.path(""));
    stack.until(PLAYED, "the springs have been played", |stack| {
        stack.printed().contains("Ctrl-C ends everything").then_some(())
    });
    let asked = |expression: &str| {
        let path = format!("/api/v1/query?query={}", encoded(expression));
        get_json(prometheus, &path)?["data"]["result"].as_array().cloned()
    };
    // What is published of Huli: 146,600 of 149,400.
    let huli = r#"chunfeng_rate_numerator{rate="return_rate", area="350206"}"#;
    within(SHOWN, "Huli's workers in Prometheus", || {
        let shown = asked(huli)?;
        (shown.first()?["value"][1] == "146600").then_some(())
    });
    let pipelines = get_json(chunfeng, "/api/v1/pipelines").expect("what the boards are of");
    let of_pipelines = pipelines.as_array().map_or(0, Vec::len);
    let told = within(SHOWN, "every pipeline's board in Prometheus", || {
        let told = asked("count by (pipeline) (chunfeng_pipeline_info)")?;
        (told.len() == of_pipelines).then_some(told)
    });
    assert!(told.len() >= 11, "{told:?}");
    let rules = get_json(prometheus, "/api/v1/rules").expect("the rules");
    let groups = rules["data"]["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), of_pipelines + 1, "of each pipeline, and of the engine");
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().expect("rules"));
    let ill: Vec<&Value> = rules.filter(|rule| rule["health"] == "err").collect();
    assert!(ill.is_empty(), "{ill:#?}");
    let managers = get_json(prometheus, "/api/v1/alertmanagers").expect("the Alertmanagers");
    assert_eq!(managers["data"]["activeAlertmanagers"].as_array().map(Vec::len), Some(1));
    assert!(stack.terminate(ENDED).success(), "{}", stack.log());
    for port in [at(0), at(2), at(3), at(4)] {
        assert!(std::net::TcpStream::connect(port).is_err(), "somebody still listens at {port}");
    }
}
