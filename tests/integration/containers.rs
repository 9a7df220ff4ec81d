//! The image and the compose stack, as far as no engine is needed to see it: what they name is there, what must agree agrees, and the
//! rules of hadolint that apply are kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chunfeng::spec::load_folder;
use chunfeng::yaml::{Problems, parse};
use serde_json::Value;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(path: &str) -> Value {
    // An anchor says the same again: what it stands for is what a reader of JSON sees.
    let text = read(path).replace(": &build", ":").replace("build: *build", "build: {}");
    let mut problems = Problems::default();
    let tree = parse(path, &text, &mut problems);
    assert!(problems.is_empty(), "{path}: {:?}", problems.sorted());
    tree.unwrap().to_json()
}

fn compose() -> Value {
    yaml("docker/compose.yaml")
}

fn services(compose: &Value) -> &serde_json::Map<String, Value> {
    compose["services"].as_object().unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn everything_that_compose_mounts_is_there() {
    let compose = compose();
    let declared: BTreeSet<&str> =
        compose["volumes"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    for (service, of) in services(&compose) {
        for volume in texts(&of["volumes"]) {
            let source = volume.split(':').next().unwrap();
            if source.starts_with('.') {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker").join(source);
                assert!(path.exists(), "{service}: {source} is not there");
                assert!(volume.ends_with(":ro"), "{service}: {volume} could be written to");
            } else {
                used.insert(source);
            }
        }
    }
    assert_eq!(declared, used, "declared, and used by a service");
}

#[test]
fn every_service_waits_for_one_that_there_is() {
    let compose = compose();
    for (service, of) in services(&compose) {
        for other in of["depends_on"].as_object().into_iter().flat_map(|map| map.keys()) {
            assert!(services(&compose).contains_key(other), "{service} waits for {other}");
        }
        let image = of["image"].as_str().unwrap();
        assert!(
            image == "chunfeng" || image.contains(':'),
            "{service}: {image} may be any version"
        );
        for port in texts(&of["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{service} listens to everybody: {port}");
        }
    }
}

#[test]
fn who_asks_whom_and_where_agrees() {
    let compose = compose();
    let listens = |service: &str, port: &str| {
        let ports = texts(&compose["services"][service]["ports"]);
        ports.iter().any(|known| known.ends_with(&format!(":{port}")))
    };
    let prometheus = yaml("docker/prometheus/prometheus.yml");
    let scraped = &prometheus["scrape_configs"][0]["static_configs"][0]["targets"][0];
    let alerted = &prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"][0];
    let source = yaml("grafana/provisioning/datasources/prometheus.yml");
    let managers = yaml("grafana/provisioning/datasources/alertmanager.yml");
    let [asked, managing] = [&source, &managers].map(|source| {
        source["datasources"][0]["url"].as_str().unwrap().trim_start_matches("http://")
    });
    assert_eq!(managing, alerted);
    assert_eq!(
        source["datasources"][0]["jsonData"]["alertmanagerUid"],
        managers["datasources"][0]["uid"]
    );
    for address in [scraped.as_str().unwrap(), alerted.as_str().unwrap(), asked] {
        let (service, port) = address.split_once(':').unwrap();
        assert!(listens(service, port), "nobody listens at {address}");
    }
    let chunfeng = &compose["services"]["chunfeng"]["environment"];
    let listen = chunfeng["CHUNFENG_LISTEN"].as_str().unwrap();
    assert_eq!(scraped, &listen.replace("0.0.0.0", "chunfeng"));
    let brokers = chunfeng["CHUNFENG_KAFKA_BOOTSTRAP_SERVERS"].as_str().unwrap();
    let advertised = &compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"];
    assert!(advertised.as_str().unwrap().contains(&format!("INSIDE://{brokers}")));
    // As often as is scraped: Grafana derives from it over how long a rate is asked for.
    let interval = &source["datasources"][0]["jsonData"]["timeInterval"];
    assert_eq!(interval, &prometheus["global"]["scrape_interval"]);
}

#[test]
fn the_topics_that_are_made_are_those_of_the_pipelines() {
    let pipelines = load_folder(Path::new("pipelines")).unwrap();
    let wanted: BTreeSet<&str> = pipelines.iter().map(|one| one.topic.as_str()).collect();
    let compose = compose();
    let command = compose["services"]["topics-init"]["command"][0].as_str().unwrap();
    let made = command.split_whitespace().filter(|word| word.starts_with("hr."));
    assert_eq!(made.map(|word| word.trim_end_matches(';')).collect::<BTreeSet<_>>(), wanted);
    // tests/stack/up reads them from the files, by the form of the line.
    for path in fs::read_dir("pipelines").unwrap().map(|file| file.unwrap().path()) {
        if path.extension().is_some_and(|kind| kind == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            let is_told = text.lines().any(|line| line.starts_with("source: { topic: "));
            assert!(is_told, "{}", path.display());
        }
    }
}

#[test]
fn nothing_of_ours_runs_as_root_or_writes_where_it_need_not() {
    let compose = compose();
    for service in ["chunfeng", "producer", "notify"] {
        let of = &compose["services"][service];
        assert_eq!(
            (&of["read_only"], &of["cap_drop"][0]),
            (&true.into(), &"ALL".into()),
            "{service}"
        );
    }
    let image = read("docker/Dockerfile");
    let last_stage = image.rsplit("\nFROM ").next().unwrap();
    assert!(last_stage.contains("\nUSER chunfeng\n"));
    assert!(last_stage.contains("\nHEALTHCHECK "));
}

#[test]
fn what_the_image_is_made_of_is_there_and_sent_to_who_makes_it() {
    let image = read("docker/Dockerfile");
    let ignored = read("docker/Dockerfile.dockerignore");
    let sent = |path: &str| {
        let top = path.split('/').next().unwrap();
        ignored.lines().any(|line| {
            line.trim_start_matches('!').trim_matches('/') == top || line == format!("!{path}")
        })
    };
    for line in image.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from")) {
        let sources: Vec<&str> = line.split_whitespace().skip(1).collect();
        for source in &sources[..sources.len() - 1] {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(source).exists(), "{source}");
            assert!(*source == "." || sent(source), "{source} is not sent");
        }
    }
}

/// DL3006, DL3007, DL3008's neighbours DL3009 and DL3015, DL3020, DL3025, DL4000.
#[test]
fn the_image_keeps_the_rules_of_hadolint() {
    let image = read("docker/Dockerfile");
    let joined = image.replace("\\\n", " ");
    for line in joined.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["FROM", base, ..] => {
                assert!(base.contains(':') && !base.ends_with(":latest"), "no version: {base}");
            }
            ["RUN", ..] if line.contains("apt-get install") => {
                assert!(line.contains("--no-install-recommends"), "{line}");
                assert!(line.contains("rm -rf /var/lib/apt/lists/*"), "{line}");
                assert!(line.contains("apt-get update"), "{line}");
            }
            ["ADD" | "MAINTAINER", ..] => panic!("{line}"),
            ["CMD" | "ENTRYPOINT", rest, ..] => assert!(rest.starts_with('['), "{line}"),
            _ => {}
        }
    }
    assert!(joined.matches("\nENTRYPOINT ").count() == 1 && joined.matches("\nCMD ").count() == 1);
}

/// The image's files are laid out as the image has them, with the built program, and it starts.
#[test]
fn the_program_runs_from_the_layout_of_the_image() {
    let root = tempfile::tempdir().unwrap();
    let etc = root.path().join("etc/chunfeng");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(etc.join("pipelines")).unwrap();
    for file in fs::read_dir(project.join("pipelines")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), etc.join("pipelines").join(file.file_name())).unwrap();
    }
    let settings =
        read("docker/chunfeng.yaml").replace("/etc/", &format!("{}/etc/", root.path().display()));
    fs::write(etc.join("chunfeng.yaml"), settings).unwrap();
    assert_cmd::Command::new(env!("CARGO_BIN_EXE_chunfeng"))
        .arg("check")
        .current_dir(root.path())
        .env_clear()
        .env("CHUNFENG_CONFIG", etc.join("chunfeng.yaml"))
        .assert()
        .success();
}
