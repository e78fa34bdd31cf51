//! Which files a run is about.

use arbos::vectors::{InputError, format::Title, input};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Endings of vector files.
const ENDINGS: [&str; 2] = [".jsonl", ".jsonl.zst"];

/// All files, those of directories by name.
///
/// # Errors
/// A path that is not there, or a directory without vectors.
pub(crate) fn gather(paths: &[PathBuf]) -> Result<Vec<PathBuf>, InputError> {
    let mut files = Vec::new();
    for path in paths {
        let wrong = |error: io::Error| InputError::of_file(path, error);
        if !fs::metadata(path).map_err(wrong)?.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        walk(path, &mut files).map_err(wrong)?;
        if files.len() == before {
            return Err(InputError::of_file(path, "no vectors in this directory"));
        }
    }
    Ok(files)
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files)?;
        } else if ENDINGS.iter().any(|ending| name(&path).ends_with(ending)) {
            files.push(path);
        }
    }
    Ok(())
}

/// Name of a file, as it is shown.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// The files that are asked for: by a label of their first line, or by how their name begins.
///
/// # Errors
/// A first line that cannot be read, or nothing that is asked for.
pub(crate) fn select(files: Vec<PathBuf>, only: &[String]) -> Result<Vec<PathBuf>, InputError> {
    if only.is_empty() {
        return Ok(files);
    }
    let mut selected = Vec::new();
    for path in files {
        let named = only.iter().any(|label| name(&path).starts_with(label));
        if named || input::first_line::<Title>(&path)?.labels.iter().any(|label| only.contains(label)) {
            selected.push(path);
        }
    }
    if selected.is_empty() {
        return Err(InputError::of_file(Path::new("--only"), format!("nothing is called {}", only.join(" or "))));
    }
    Ok(selected)
}
