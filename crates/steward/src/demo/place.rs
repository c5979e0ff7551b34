//! Where the demo lies: a folder of its own with configuration and manifests, gone at the end.

use std::fs::{self, DirBuilder};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use model::EntryId;
use model::manifest::{Loaded, Manifest};

/// The sample shop and the agency's base that it extends, as they stand in `examples/`.
const FILES: [(&str, &str); 5] = [
    ("agency/manifest/base.yaml", include_str!("../../../../examples/agency/manifest/base.yaml")),
    ("shop/manifest/purposes.yaml", include_str!("../../../../examples/shop/manifest/purposes.yaml")),
    ("shop/manifest/recipients.yaml", include_str!("../../../../examples/shop/manifest/recipients.yaml")),
    ("shop/manifest/shop.yaml", include_str!("../../../../examples/shop/manifest/shop.yaml")),
    ("shop/manifest/systems.yaml", include_str!("../../../../examples/shop/manifest/systems.yaml")),
];

/// The file whose past differs, and how: what stands there today, and what stood there before.
const PURPOSES: &str = "purposes.yaml";
const PAST: [(&str, &str); 2] = [
    ("keep: 2 years, from: last-activity", "keep: 3 years, from: last-activity"),
    ("keep: 90 days", "keep: 6 months"),
];

/// The demo's folder. A temporary one is deleted when this ends.
pub(crate) struct Place {
    folder: PathBuf,
    is_temporary: bool,
}

impl Place {
    /// Makes the folder, with the sample manifests in it.
    pub(crate) fn make(keep: Option<PathBuf>) -> anyhow::Result<Self> {
        let is_temporary = keep.is_none();
        // A random name; the mode keeps others of the machine out.
        let folder =
            keep.unwrap_or_else(|| std::env::temp_dir().join(format!("steward-demo-{}", EntryId::random())));
        let made = DirBuilder::new().mode(0o700).create(&folder);
        made.with_context(|| format!("cannot make the new folder `{}`", folder.display()))?;
        let place = Self { folder: folder.canonicalize()?, is_temporary };
        for (path, text) in FILES {
            place.write(path, text)?;
        }
        Ok(place)
    }

    /// The configuration, as `steward --config` takes it.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("steward.toml")
    }

    /// The folder of the shop's manifest.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.join("shop/manifest")
    }

    /// The manifests of the shop's past and present, oldest first: it used to keep some data longer.
    pub(crate) fn manifests(&self) -> anyhow::Result<[Loaded; 2]> {
        let now = load(&self.manifest())?;
        let (path, present) = (format!("shop/manifest/{PURPOSES}"), self.manifest().join(PURPOSES));
        let text = fs::read_to_string(&present).context("the sample manifest")?;
        let then = PAST.iter().fold(text.clone(), |text, (present, past)| text.replace(present, past));
        self.write(&path, &then)?;
        let before = load(&self.manifest());
        self.write(&path, &text)?;
        Ok([before?, now])
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the configuration.
    pub(crate) fn write_config(&self, listen: SocketAddr, mail: SocketAddr) -> anyhow::Result<PathBuf> {
        let text = format!(
            "listen = \"{listen}\"\n\n[[controllers]]\nname = \"rosewood\"\n\
             origin = \"localhost/rosewood-demo\"\nmanifest = \"shop/manifest\"\n\n\
             [controllers.mail]\nsender = \"Rosewood <privacy@rosewood.example>\"\nhost = \"{}\"\nport = {}\n\
             security = \"plain\"\n",
            mail.ip(),
            mail.port()
        );
        self.write("steward.toml", &text)?;
        Ok(self.config())
    }

    fn write(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let path = self.folder.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("cannot write `{}`", path.display()))
    }
}

fn load(folder: &Path) -> anyhow::Result<Loaded> {
    Manifest::load(folder).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!("the manifest: {}", problems.join("; "))
    })
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_temporary
            && let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %self.folder.display(), "the demo's folder could not be deleted");
        }
    }
}
