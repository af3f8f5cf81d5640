//! Metadata of a restore point: whatever a product keeps with it, sealed as a block of its own type
//! (FORMAT.md 5).

use crate::block::{self, Expected, SealOptions, Workspace};
use crate::context::Context;
use crate::derive::{expand256, label, sha256};
use crate::error::Result;
use crate::header::BlockId;
use crate::object::ObjectType;
use crate::out::Out;
use crate::policy::Policy;
use crate::random::{Random, RandomSource};
use crate::record::RecordKeys;
use crate::session::Session;

/// Seals `plain`, appends it to `out`, and returns its digest for the manifest.
///
/// # Errors
/// Those of [`block::seal`].
pub fn seal<S: RandomSource>(
    context: &Context,
    random: &mut Random<S>,
    keys: &RecordKeys,
    plain: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<[u8; 32]> {
    let start = out.len();
    let id = BlockId::RestorePoint(keys.scope.id);
    let what = (ObjectType::Metadata, &id);
    let options = SealOptions::default();
    let session = session(keys);
    block::seal_object(context, random, &session, what, &options, plain, workspace, out)?;
    Ok(sha256(out.written_from(start)))
}

/// Opens metadata, appends it to `out`, and returns its digest, to be compared with the manifest's.
///
/// # Errors
/// Those of [`block::open`]; [`Error::UnexpectedBlock`](crate::error::Error::UnexpectedBlock):
/// another restore point's.
pub fn open(
    context: &Context,
    policy: &Policy,
    keys: &RecordKeys,
    object: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<[u8; 32]> {
    let id = BlockId::RestorePoint(keys.scope.id);
    let expected = Expected { block_id: Some(id), ..Expected::default() };
    let what = (ObjectType::Metadata, &expected);
    block::open_object(context, policy, &session(keys), what, object, workspace, out)?;
    Ok(sha256(object))
}

fn session(keys: &RecordKeys) -> Session {
    Session::from_key(expand256(&keys.metakey, label::METADATA, &[&keys.scope.id]))
}
