use super::*;
use model::{IdentifierKind, Personal};

fn folder() -> (tempfile::TempDir, KeyFolder) {
    let base = tempfile::tempdir().unwrap();
    let keys = KeyFolder::at(base.path().join("keys"));
    (base, keys)
}

fn fault_of(keys: &KeyFolder, file: &str) -> KeyFileFault {
    match keys.open().unwrap_err() {
        FolderError::Fault { path, fault } if path.ends_with(file) => fault,
        other => panic!("expected a fault of `{file}`, got: {other}"),
    }
}

#[test]
fn the_keys_that_were_made_are_the_keys_that_are_opened() {
    let (_base, keys) = folder();
    assert!(!keys.exists());
    let made = keys.init().unwrap();
    assert!(keys.exists());
    let opened = keys.open().unwrap();
    let (email, ada) = (IdentifierKind::email(), Personal::new("ada@example.org".to_owned()));
    assert_eq!(made.blind_index(&email, 1, &ada), opened.blind_index(&email, 1, &ada));
    assert_eq!(made.tombstone(&email, 1, &ada), opened.tombstone(&email, 1, &ada));
    assert_eq!(made.log_seed(), opened.log_seed());
    assert_eq!(made.current_epoch().key().expose(), opened.current_epoch().key().expose());
    assert_eq!(opened.current_epoch().number(), 1);
}

#[test]
fn the_folder_and_its_files_are_their_owners_alone_and_nothing_is_left_over() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&keys.folder), 0o700);
    let mut names = Vec::new();
    for path in list(&keys.folder).unwrap() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["epoch-000001.key", "index.key", "log-signing.key", "root.key", "tombstone.key"]);
}

#[test]
fn loose_permissions_are_refused_with_the_command_that_mends_them() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let index = keys.path(KeyPurpose::Index);
    fs::set_permissions(&index, fs::Permissions::from_mode(0o644)).unwrap();
    let message = keys.open().unwrap_err().to_string();
    assert!(message.ends_with(&format!("(mode 0644); run `chmod 600 '{}'`", index.display())), "{message}");
    fs::set_permissions(&index, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(keys.open().is_ok());
    fs::set_permissions(&keys.folder, fs::Permissions::from_mode(0o750)).unwrap();
    let message = keys.open().unwrap_err().to_string();
    assert!(message.contains("chmod 700"), "{message}");
}

#[test]
fn keys_are_never_written_over() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let before = fs::read(keys.path(KeyPurpose::Index)).unwrap();
    assert!(matches!(keys.init().unwrap_err(), FolderError::AlreadyThere(_)));
    fs::remove_file(&keys.root).unwrap();
    assert!(matches!(keys.init().unwrap_err(), FolderError::AlreadyThere(_)));
    assert_eq!(fs::read(keys.path(KeyPurpose::Index)).unwrap(), before);
}

#[test]
fn a_missing_folder_or_file_is_named() {
    let (_base, keys) = folder();
    assert!(matches!(keys.open().unwrap_err(), FolderError::Missing(path) if path == keys.folder));
    keys.init().unwrap();
    for file in ["root.key", "index.key", "tombstone.key", "log-signing.key", "epoch-000001.key"] {
        let (path, aside) = (keys.folder.join(file), keys.folder.join("aside"));
        fs::rename(&path, &aside).unwrap();
        let error = keys.open().unwrap_err();
        assert!(matches!(&error, FolderError::Missing(missing) if *missing == path), "{error}");
        fs::rename(&aside, &path).unwrap();
    }
    assert!(keys.open().is_ok());
}

#[test]
fn the_root_key_may_lie_elsewhere_and_another_root_key_is_refused() {
    let (base, keys) = folder();
    let elsewhere = keys.clone().with_root_at(base.path().join("medium/root.key"));
    elsewhere.init().unwrap();
    assert!(!keys.folder.join("root.key").exists());
    assert!(elsewhere.open().is_ok());
    let stranger = KeyFolder::at(base.path().join("other"));
    stranger.init().unwrap();
    let mixed = keys.with_root_at(&stranger.root);
    assert_eq!(fault_of(&mixed, "epoch-000001.key"), KeyFileFault::OtherRoot);
}

#[test]
fn cut_foreign_and_swapped_files_are_told_apart() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let (index, tombstone) = (keys.path(KeyPurpose::Index), keys.path(KeyPurpose::Tombstone));
    let whole = fs::read(&index).unwrap();
    fs::write(&index, &whole[..40]).unwrap();
    assert_eq!(fault_of(&keys, "index.key"), KeyFileFault::Damaged);
    fs::write(&index, vec![b'x'; 100_000]).unwrap();
    assert_eq!(fault_of(&keys, "index.key"), KeyFileFault::Foreign);
    fs::write(&index, fs::read(&tombstone).unwrap()).unwrap();
    assert_eq!(fault_of(&keys, "index.key"), KeyFileFault::OtherPurpose);
    fs::write(&index, &whole).unwrap();
    fs::write(keys.folder.join("epoch-two.key"), "").unwrap();
    assert_eq!(fault_of(&keys, "epoch-two.key"), KeyFileFault::Foreign);
}

#[test]
fn several_epochs_are_opened_and_the_latest_is_current() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let root = decode_root(&read_file(&keys.root).unwrap()).unwrap();
    let purpose = KeyPurpose::Epoch(12);
    write_file(&keys.path(purpose), &encode_wrapped(purpose, &root, random(), &Key::random())).unwrap();
    let ring = keys.open().unwrap();
    assert_eq!(ring.current_epoch().number(), 12);
    assert!(ring.epoch(1).is_some() && ring.epoch(12).is_some() && ring.epoch(2).is_none());
}

#[test]
fn what_a_crash_left_beside_a_key_file_does_not_disturb() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    fs::write(keys.folder.join("index.new"), "half").unwrap();
    assert!(keys.open().is_ok());
}

#[test]
fn the_next_epoch_is_made_once_and_destroyed_with_whatever_a_crash_left_of_it() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let made = keys.make_epoch(2).unwrap();
    assert_eq!(keys.make_epoch(2).unwrap().commitment(), made.commitment(), "never two keys of one number");
    assert_eq!(keys.epoch(2).unwrap().map(|epoch| epoch.commitment()), Some(made.commitment()));
    assert_eq!(keys.epoch_numbers().unwrap(), [1, 2]);
    let left = keys.folder.join("epoch-000001.0123456789abcdef.new");
    fs::copy(keys.path(KeyPurpose::Epoch(1)), &left).unwrap();
    keys.destroy_epoch(1).unwrap();
    keys.destroy_epoch(1).unwrap();
    assert!(!left.exists() && keys.epoch(1).unwrap().is_none());
    assert_eq!(keys.open().unwrap().epochs(), [2]);
}

#[test]
fn without_the_root_key_no_epoch_is_made() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    fs::remove_file(&keys.root).unwrap();
    assert!(matches!(keys.make_epoch(2), Err(FolderError::Missing(path)) if path == keys.root));
    assert_eq!(keys.epoch_numbers().unwrap(), [1]);
}

#[test]
fn an_epoch_that_another_process_opened_is_found_when_a_record_asks_for_it() {
    let (_base, keys) = folder();
    keys.init().unwrap();
    let (one, other) = (keys.open().unwrap(), keys.open().unwrap());
    let subject = model::SubjectId::random();
    one.add_epoch(std::sync::Arc::new(keys.make_epoch(2).unwrap()));
    let person = crate::RecordPart::Person;
    let record = one.wrap(&one.create(subject, person, []).unwrap());
    assert_eq!(record.epoch, 2);
    assert!(other.open(subject, person, &record.body).is_ok());
    assert_eq!(other.current_epoch().number(), 2, "and it writes under it from now on");
}
