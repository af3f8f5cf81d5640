//! Versions of everything that the figures depend on.

use std::process::Command;

pub fn all() -> String {
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let mut versions = vec![
        openssl::version::version().to_owned(),
        format!("AWS-LC {}", aws_lc()),
        format!("zstd {}", zstd_safe::version_string()),
    ];
    let crates = [
        "aws-lc-sys",
        "ring",
        "aes-gcm",
        "aes",
        "polyval",
        "aes-kw",
        "sha2",
        "argon2",
        "criterion",
    ];
    versions.push(crates.map(|name| format!("{name} {}", locked(name))).join(", "));
    versions.push(compiler.unwrap_or_default().trim().to_owned());
    versions.join("; ")
}

fn aws_lc() -> &'static str {
    let text = aws_lc_sys::AWSLC_VERSION_NUMBER_STRING;
    std::ffi::CStr::from_bytes_with_nul(text)
        .ok()
        .and_then(|text| text.to_str().ok())
        .unwrap_or("?")
}

/// The version of a crate in the lock file.
fn locked(name: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let package = lock.split("[[package]]").find(|p| p.contains(&format!("\nname = \"{name}\"\n")));
    let version = package.and_then(|package| package.split("version = \"").nth(1));
    version.and_then(|version| version.split('"').next()).unwrap_or("?")
}
