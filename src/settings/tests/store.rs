//! Options of the object store, as they are typed and as they are told.

use super::*;

#[test]
fn options_of_the_store_go_by_its_own_names_in_the_file_and_in_variables() {
    let file = "store: { aws_region: cn-north-1, aws_endpoint: 'http://minio:9000', aws_allow_http: true }";
    let environment =
        [("CHUNFENG_STORE_AWS_REGION", "cn-northwest-1"), ("CHUNFENG_STORE_TIMEOUT", "20s")];
    let settings = load(file, &environment, Raw::default()).unwrap();
    let shown = format!("{:?}", settings.store);
    assert_eq!(
        shown,
        "{\"aws_allow_http\": \"true\", \"aws_endpoint\": \"http://minio:9000\", \
         \"aws_region\": \"cn-northwest-1\", \"aws_timeout\": \"20s\", \"azure_timeout\": \"20s\", \
         \"google_timeout\": \"20s\"}"
    );
}

#[test]
fn two_names_of_one_option_are_one_option() {
    let environment = [("CHUNFENG_STORE_AWS_ENDPOINT_URL", "https://variable")];
    let settings =
        load("store: { aws_endpoint: 'https://file' }", &environment, Raw::default()).unwrap();
    assert_eq!(format!("{:?}", settings.store), r#"{"aws_endpoint": "https://variable"}"#);
}

#[test]
fn an_option_that_no_store_has_is_told_with_the_nearest() {
    assert_eq!(
        told("store: { aws_regoin: cn-north-1, AWS_ENDPOINT: x, colour: red }"),
        [
            "f:1:10: no option is named `aws_regoin`",
            "    did you mean `aws_region`?",
            "f:1:34: no option is named `AWS_ENDPOINT`",
            "    did you mean `aws_endpoint`?",
            "f:1:51: no option is named `colour`",
            "    leave it out",
            "3 problems",
        ]
    );
    assert_eq!(
        said("CHUNFENG_STORE_AWS_REGOIN", "x"),
        "CHUNFENG_STORE_AWS_REGOIN: no such option, did you mean CHUNFENG_STORE_AWS_REGION?"
    );
    assert_eq!(said("CHUNFENG_STORE_COLOUR", "red"), "CHUNFENG_STORE_COLOUR: no such option");
}

#[test]
fn put_if_absent_cannot_be_switched_off_and_the_bucket_is_named_in_one_place() {
    let why = "a commit is a put-if-absent: without it two processes could overwrite each other's";
    assert_eq!(
        told("store: { aws_conditional_put: disabled, google_bucket: b }"),
        [
            &format!("f:1:10: `aws_conditional_put` is not for you to set: {why}"),
            "    leave it out",
            "f:1:41: `google_bucket` is not for you to set: the lake's URL names it",
            "    leave it out",
            "2 problems",
        ]
    );
    load("store: { aws_conditional_put: etag }", &[], Raw::default()).unwrap();
    let variable = "CHUNFENG_STORE_AWS_CONDITIONAL_PUT";
    assert_eq!(said(variable, "disabled"), format!("{variable}: not for you to set: {why}"));
}

#[test]
fn a_secret_of_the_store_may_not_stand_in_the_file() {
    assert_eq!(
        told("store: { aws_secret_access_key: spring2022, azure_storage_account_key: spring2022 }"),
        [
            "f:1:33: `aws_secret_access_key` is a secret and may not stand in a settings file",
            "    write { file: PATH }, or set CHUNFENG_STORE_AWS_SECRET_ACCESS_KEY",
            "f:1:72: `azure_storage_account_key` is a secret and may not stand in a settings file",
            "    write { file: PATH }, or set CHUNFENG_STORE_AZURE_STORAGE_ACCOUNT_KEY",
            "2 problems",
        ]
    );
}

#[test]
fn a_secret_of_the_store_comes_from_a_file_or_a_variable_and_is_never_shown() {
    let place = Place::new();
    let secret = place.file("secret", "spring2022\n").display().to_string();
    let file = format!("store: {{ aws_secret_access_key: {{ file: {secret} }} }}");
    let variables = [
        ("CHUNFENG_STORE_AWS_SESSION_TOKEN_FILE", secret.as_str()),
        ("CHUNFENG_STORE_AZURE_STORAGE_SAS_KEY", "spring2022"),
        ("CHUNFENG_STORE_PROXY_URL", "http://me:spring2022@proxy"),
    ];
    let printed = format!("{:?}", load(&file, &variables, Raw::default()).unwrap());
    assert!(!printed.contains("spring2022"), "{printed}");
    for option in ["aws_secret_access_key", "aws_session_token", "azure_storage_sas_key"] {
        assert!(printed.contains(&format!(r#""{option}": "***""#)), "{option}: {printed}");
    }
}

/// Of some options the value itself is a file's name.
#[test]
fn an_option_whose_own_name_ends_in_file_is_not_read_from_it() {
    let variables = [("CHUNFENG_STORE_AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")];
    let settings = load("{}", &variables, Raw::default()).unwrap();
    assert_eq!(
        format!("{:?}", settings.store),
        r#"{"aws_web_identity_token_file": "/var/run/token"}"#
    );
}

#[test]
fn settings_name_a_lake_in_a_bucket() {
    let settings = load("lake: s3://bucket/lake", &[], Raw::default()).unwrap();
    settings.lake().map(drop).unwrap();
    let file = "lake: s3://bucket/lake\nstore: { aws_endpoint: 'http://minio:9000' }";
    let refused = load(file, &[], Raw::default()).unwrap().lake().map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert!(refused.to_string().contains("`aws_allow_http: true`"), "{refused}");
}
