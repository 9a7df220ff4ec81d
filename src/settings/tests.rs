//! Settings: which place wins, what is refused and in which words, and that nothing secret is shown.

mod store;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(pair).collect()
}

fn load(file: &str, environment: &[(&str, &str)], flags: Raw) -> Result<Settings> {
    let path = Place::new();
    let path = (path.file("chunfeng.yaml", file), path);
    Settings::load(Some(&path.0), variables(environment), flags)
}

/// The lines of a settings file's problems, without the path of the file.
fn told(file: &str) -> Vec<String> {
    let place = Place::new();
    let path = place.file("chunfeng.yaml", file);
    let error = Settings::load(Some(&path), variables(&[]), Raw::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let path = path.display().to_string();
    let lines = error.to_string().replace(&path, "f");
    lines.lines().map(str::to_owned).collect()
}

/// What is said of a variable.
fn said(variable: &str, value: &str) -> String {
    let error = environment::read(variables(&[(variable, value)])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.to_string()
}

#[test]
fn without_settings_there_are_defaults() {
    let settings = load("{}", &[], Raw::default()).unwrap();
    assert_eq!(settings.lake, "lake");
    assert_eq!(settings.pipelines, PathBuf::from("pipelines"));
    assert_eq!(settings.upkeep_interval, Some(Duration::from_secs(600)));
    assert_eq!(settings.listen.to_string(), "127.0.0.1:9898");
    assert_eq!(settings.commit_interval, Duration::from_secs(10));
    assert_eq!(settings.as_of, AsOf::Clock);
    assert_eq!(settings.replay_at_most, Duration::from_secs(20));
    assert_eq!(settings.pseudonyms, PseudonymScheme::Blake3);
    assert_eq!((settings.key_file, settings.kafka.get("bootstrap.servers")), (None, None));
    assert!(settings.shards >= 1);
}

#[test]
fn a_file_sets_everything() {
    let file = "
lake: /data/lake
pipelines: /etc/chunfeng
listen: 0.0.0.0:80
key_file: /etc/key
pseudonyms: hmac-sm3
commit_interval: 2m
as_of: newest-event
shards: 3
kafka: { bootstrap.servers: 'a:9092,b:9092', fetch.wait.max.ms: 20, socket.keepalive.enable: true }
";
    let settings = load(file, &[], Raw::default()).unwrap();
    assert_eq!(settings.lake, "/data/lake");
    assert_eq!(settings.pipelines, PathBuf::from("/etc/chunfeng"));
    assert_eq!(settings.listen.to_string(), "0.0.0.0:80");
    assert_eq!(settings.key_file, Some("/etc/key".into()));
    assert_eq!(settings.pseudonyms, PseudonymScheme::HmacSm3);
    assert_eq!(settings.commit_interval, Duration::from_secs(120));
    assert_eq!(settings.as_of, AsOf::NewestEvent);
    assert_eq!(settings.shards, 3);
    let kafka = ["bootstrap.servers", "fetch.wait.max.ms", "socket.keepalive.enable"];
    assert_eq!(
        kafka.map(|name| settings.kafka.get(name)),
        [Some("a:9092,b:9092"), Some("20"), Some("true")]
    );
}

#[test]
fn variables_win_over_the_file_and_flags_over_both() {
    let file =
        "lake: of-file\nshards: 1\nlisten: 127.0.0.1:1\nkafka: { client.id: file, group.id: file }";
    let environment = [
        ("CHUNFENG_LAKE", "of-variable"),
        ("CHUNFENG_SHARDS", "2"),
        ("CHUNFENG_KAFKA_GROUP_ID", "variable"),
    ];
    let flags = Raw { lake: Some("of-flag".to_owned()), ..Raw::default() };
    let settings = load(file, &environment, flags).unwrap();
    assert_eq!((settings.lake.as_str(), settings.shards), ("of-flag", 2));
    assert_eq!(settings.listen.to_string(), "127.0.0.1:1");
    assert_eq!(settings.kafka.get("client.id"), Some("file"));
    assert_eq!(settings.kafka.get("group.id"), Some("variable"));
}

#[test]
fn every_setting_has_a_variable() {
    let raw = environment::read(variables(&[
        ("CHUNFENG_LAKE", "l"),
        ("CHUNFENG_PIPELINES", "p"),
        ("CHUNFENG_LISTEN", "127.0.0.1:0"),
        ("CHUNFENG_KEY_FILE", "k"),
        ("CHUNFENG_PSEUDONYMS", "hmac-sm3"),
        ("CHUNFENG_COMMIT_INTERVAL", "30s"),
        ("CHUNFENG_SHARDS", "64"),
        ("CHUNFENG_CONFIG", "read elsewhere"),
        ("CHUNFENG_LOG", "read elsewhere"),
        ("CHUNFENG_KAFKA_SASL_MECHANISM", "PLAIN"),
        ("PATH", "not ours"),
        ("CHUNFENGX", "not ours"),
    ]))
    .unwrap();
    assert_eq!((raw.lake.as_deref(), raw.pipelines), (Some("l"), Some("p".into())));
    assert_eq!((raw.key_file, raw.pseudonyms), (Some("k".into()), Some(PseudonymScheme::HmacSm3)));
    assert_eq!((raw.commit_interval, raw.shards), (Some(Duration::from_secs(30)), Some(64)));
    assert_eq!(raw.kafka.get("sasl.mechanism"), Some("PLAIN"));
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest() {
    assert_eq!(
        said("CHUNFENG_LAK", "x"),
        "CHUNFENG_LAK: no such setting, did you mean CHUNFENG_LAKE?"
    );
    assert_eq!(
        said("CHUNFENG_KEYFILE", "x"),
        "CHUNFENG_KEYFILE: no such setting, did you mean CHUNFENG_KEY_FILE?"
    );
    assert_eq!(said("CHUNFENG_COLOUR", "x"), "CHUNFENG_COLOUR: no such setting");
    assert_eq!(said("CHUNFENG_", "x"), "CHUNFENG_: no such setting");
}

#[test]
fn a_variable_that_does_not_fit_is_told_what_to_write() {
    assert_eq!(said("CHUNFENG_SHARDS", "0"), "CHUNFENG_SHARDS: write a number from 1 to 64");
    assert_eq!(said("CHUNFENG_SHARDS", "many"), "CHUNFENG_SHARDS: write a number from 1 to 64");
    assert_eq!(
        said("CHUNFENG_LISTEN", "9898"),
        "CHUNFENG_LISTEN: write an address and a port: 0.0.0.0:9898"
    );
    assert_eq!(
        said("CHUNFENG_PSEUDONYMS", "md5"),
        "CHUNFENG_PSEUDONYMS: write `blake3` or `hmac-sm3`"
    );
    for interval in ["", "0s", "-1s", "10", "soon"] {
        let expected = "CHUNFENG_COMMIT_INTERVAL: write a number and a unit: 500ms, 10s, 1m";
        assert_eq!(said("CHUNFENG_COMMIT_INTERVAL", interval), expected);
    }
}

#[test]
fn all_problems_of_a_file_are_told_with_their_places() {
    let file = "lak: x\nlisten: here\nshards: 65\npseudonyms: rot13\ncommit_interval: 10\nkafka: nothing\nas_of: noon\n";
    assert_eq!(
        told(file),
        [
            "f:1:1: unknown key `lak`",
            "    did you mean `lake`?",
            "f:2:9: `here` does not fit here",
            "    write an address and a port: 0.0.0.0:9898",
            "f:3:9: too many shards",
            "    write a number from 1 to 64",
            "f:4:13: `rot13` does not fit here",
            "    write `blake3` or `hmac-sm3`",
            "f:5:18: expected text, found a whole number",
            "    put it in quotes",
            "f:6:8: expected a mapping, found text",
            "f:7:8: `noon` does not fit here",
            "    write `clock` or `newest-event`",
            "7 problems",
        ]
    );
}

#[test]
fn an_option_this_program_owns_is_refused_with_the_reason() {
    let lines = told("kafka:\n  enable.auto.commit: true\n  auto.offset.reset: earliest\n");
    assert_eq!(
        lines,
        [
            "f:2:3: `enable.auto.commit` is not for you to set: the ledger says what has been consumed, not Kafka",
            "    leave it out",
            "f:3:3: `auto.offset.reset` is not for you to set: a gap must be told, not skipped",
            "    leave it out",
            "2 problems",
        ]
    );
    assert_eq!(
        said("CHUNFENG_KAFKA_ENABLE_AUTO_COMMIT", "true"),
        "CHUNFENG_KAFKA_ENABLE_AUTO_COMMIT: not for you to set: the ledger says what has been consumed, not Kafka"
    );
}

#[test]
fn a_secret_may_not_stand_in_the_file() {
    let lines = told("kafka: { sasl.password: spring2022, ssl.key.password: 12345 }");
    assert_eq!(
        lines,
        [
            "f:1:25: `sasl.password` is a secret and may not stand in a settings file",
            "    write { file: PATH }, or set CHUNFENG_KAFKA_SASL_PASSWORD",
            "f:1:55: `ssl.key.password` is a secret and may not stand in a settings file",
            "    write { file: PATH }, or set CHUNFENG_KAFKA_SSL_KEY_PASSWORD",
            "2 problems",
        ]
    );
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_break() {
    let place = Place::new();
    let secret = place.file("password", " spring 2022 \r\n");
    let file = format!("kafka: {{ sasl.password: {{ file: {} }} }}", secret.display());
    let settings = load(&file, &[], Raw::default()).unwrap();
    assert_eq!(settings.kafka.get("sasl.password"), Some(" spring 2022 "));
    let secret = secret.display().to_string();
    let settings =
        load("{}", &[("CHUNFENG_KAFKA_SASL_PASSWORD_FILE", &secret)], Raw::default()).unwrap();
    assert_eq!(settings.kafka.get("sasl.password"), Some(" spring 2022 "));
}

#[test]
fn a_secret_s_file_that_is_not_there_is_named() {
    let lines = told("kafka: { sasl.password: { file: /no/such/file } }");
    assert_eq!(
        lines,
        [
            "f:1:25: cannot read the secret's file /no/such/file: No such file or directory (os error 2)",
            "1 problem"
        ]
    );
    let lines = told("kafka: { sasl.password: { fil: /no/such/file } }");
    assert_eq!(
        lines[..3],
        ["f:1:25: `file` is missing", "f:1:27: unknown key `fil`", "    did you mean `file`?"]
    );
}

#[test]
fn settings_print_no_secret() {
    let secrets = [
        ("CHUNFENG_KAFKA_SASL_PASSWORD", "spring2022"),
        ("CHUNFENG_KAFKA_SSL_KEY_PEM", "spring2022"),
    ];
    let settings = load("kafka: { client.id: me }", &secrets, Raw::default()).unwrap();
    let printed = format!("{settings:?}");
    assert!(!printed.contains("spring2022"), "{printed}");
    assert!(printed.contains(r#""sasl.password": "***""#), "{printed}");
    assert!(printed.contains(r#""client.id": "me""#), "{printed}");
}

#[test]
fn a_settings_file_that_is_named_must_be_there() {
    let error = Settings::load(Some(Path::new("/no/such/file")), variables(&[]), Raw::default())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        error.to_string(),
        "cannot read /no/such/file: No such file or directory (os error 2)"
    );
}

#[test]
fn a_named_key_file_must_be_there_and_a_made_one_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let path = place.folder.path().join("of/mine/key");
    let flags = || Raw { key_file: Some(path.clone()), ..Raw::default() };
    let missing = key(&load("{}", &[], flags()).unwrap()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Invalid);
    assert!(!path.exists());

    make_key_file(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let made = key(&load("{}", &[], flags()).unwrap()).unwrap();
    // A second one never takes its place.
    make_key_file(&path).unwrap_err();
    let again = key(&load("{}", &[], flags()).unwrap()).unwrap();
    assert_eq!(again.fingerprint(), made.fingerprint());
    let other = load("pseudonyms: hmac-sm3", &[], flags()).unwrap();
    assert_ne!(key(&other).unwrap().fingerprint(), made.fingerprint());
}

#[test]
fn upkeep_comes_as_often_as_is_said_and_can_be_turned_off() {
    let set = |file: &str| load(file, &[], Raw::default()).unwrap().upkeep_interval;
    assert_eq!(set("upkeep_interval: 1h"), Some(Duration::from_secs(3_600)));
    assert_eq!(set("upkeep_interval: off"), None);
    let off = load("upkeep_interval: 1h", &[("CHUNFENG_UPKEEP_INTERVAL", "off")], Raw::default());
    assert_eq!(off.unwrap().upkeep_interval, None);
    let why = said("CHUNFENG_UPKEEP_INTERVAL", "sometimes");
    assert!(why.ends_with("500ms, 10s, 1m; or `off`"), "{why}");
}
