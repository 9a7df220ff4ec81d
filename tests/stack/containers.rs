//! Compose's own loader takes the compose file, and BuildKit's own parser the Dockerfile: what they mean is a test without services.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::Home;
use crate::services;

/// Whether both are taken, and what is said.
fn load(compose: &Path, dockerfile: &Path) -> (bool, String) {
    let loaded = Command::new(services::containers()).arg(compose).arg(dockerfile).output();
    let loaded = loaded.expect("it runs");
    let said = [loaded.stdout, loaded.stderr].concat();
    (loaded.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn docker_would_take_the_stack_and_the_image() {
    let docker = services::project().join("docker");
    let (compose, dockerfile) = (docker.join("compose.yaml"), docker.join("Dockerfile"));
    assert_eq!(load(&compose, &dockerfile), (true, "9 services\n2 stages\n".to_owned()));

    // They look: a misspelt word is told.
    let home = Home::new();
    let misspelt = |of: &Path, word: &str, otherwise: &str| {
        let text = fs::read_to_string(of).expect("the file");
        assert!(text.contains(word), "{word} stands in {}", of.display());
        let path = home.path(&of.file_name().expect("a name").to_string_lossy());
        fs::write(&path, text.replacen(word, otherwise, 1)).expect("a file");
        path
    };
    let (taken, said) = load(&misspelt(&compose, "read_only:", "read_onli:"), &dockerfile);
    assert!(!taken && said.contains("read_onli"), "{said}");
    let (taken, said) = load(&compose, &misspelt(&dockerfile, "\nWORKDIR", "\nWORKDIRR"));
    assert!(!taken && said.contains("WORKDIRR"), "{said}");
}
