//! Objects written by FORMAT.md's tables alone: what an attacker with the right key could write,
//! and what the library never would.

use coffre_core::aead::Engine;
use coffre_core::checksum;
use coffre_core::chunked::Chunked;
use coffre_core::derive::{Expand512, Mac256, expand256, label};
use coffre_core::object::Id;
use coffre_core::object::ObjectType;
use coffre_core::out::Out;
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::record::Record;
use coffre_core::secret::Key;
use coffre_core::session::Session;
use coffre_core::wrap::{Purpose, Scope};

/// Makes the last eight bytes of an object its checksum again.
pub fn fix_checksum(object: &mut [u8]) {
    let (body, sum) = object.split_last_chunk_mut::<8>().unwrap();
    *sum = checksum::of(body);
}

/// `object` with `bytes` at `offset`, and the checksum right again.
pub fn patched(object: &[u8], offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut object = object.to_vec();
    object[offset..offset + bytes.len()].copy_from_slice(bytes);
    fix_checksum(&mut object);
    object
}

/// A block around any header and any stored bytes, under the right key. FORMAT.md 3.1.1.
pub fn block(session_key: &Key, header: &[u8], stored: &[u8]) -> Vec<u8> {
    block_with_salt(session_key, &[0x5A; 24], header, stored)
}

pub fn block_with_salt(
    session_key: &Key,
    salt: &[u8; 24],
    header: &[u8],
    stored: &[u8],
) -> Vec<u8> {
    let chunked = Chunked::derive(Engine::detect(), &Expand512::new(session_key), salt, header);
    let mut space = vec![0; stored.len() + 16 * (stored.len() / 16384 + 1)];
    let mut chunks = Out::new(&mut space);
    chunked.seal_from(stored, &mut chunks).unwrap();
    let mut block = [header, salt, chunked.commitment(), chunks.written(), &[0; 8]].concat();
    fix_checksum(&mut block);
    block
}

/// A block header, field by field. FORMAT.md 3.1.
#[derive(Clone)]
pub struct RawHeader {
    pub prefix: [u8; 8],
    pub flags: u32,
    pub window: u32,
    pub plain_len: u64,
    pub stored_len: u64,
    pub session_id: Id,
    pub id_type: u8,
    pub id_len: u8,
    pub reserved: [u8; 6],
    pub block_id: [u8; 32],
}

impl RawHeader {
    /// The header of `len` stored bytes at position 7.
    pub fn stored(session_key: &Key, len: usize) -> RawHeader {
        let mut block_id = [0; 32];
        block_id[0] = 7;
        RawHeader {
            prefix: *b"COFR\x01\x02\x01\x00",
            flags: 0,
            window: 0,
            plain_len: len as u64,
            stored_len: len as u64,
            session_id: *Session::from_key(session_key.clone()).id(),
            id_type: 1,
            id_len: 8,
            reserved: [0; 6],
            block_id,
        }
    }

    /// The header of a frame at position 7.
    pub fn compressed(session_key: &Key, plain_len: u64, stored: &[u8], window: u32) -> RawHeader {
        let stored_len = stored.len() as u64;
        let stored = RawHeader::stored(session_key, 0);
        RawHeader { flags: 1, window, plain_len, stored_len, ..stored }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        [
            &self.prefix[..],
            &self.flags.to_le_bytes(),
            &self.window.to_le_bytes(),
            &self.plain_len.to_le_bytes(),
            &self.stored_len.to_le_bytes(),
            &self.session_id,
            &[self.id_type, self.id_len],
            &self.reserved,
            &self.block_id,
        ]
        .concat()
    }
}

/// A record, field by field; MAC and checksum are always right. FORMAT.md 4.
#[derive(Clone)]
pub struct RawRecord {
    pub object: ObjectType,
    pub flags: u32,
    /// Added to the total length.
    pub length_error: i32,
    pub instance_id: Id,
    pub scope_id: Id,
    pub generation: u64,
    /// Instead of the right one.
    pub stanza_count: Option<u16>,
    pub reserved: u16,
    /// Instead of the right one.
    pub entry_count: Option<u32>,
    pub storage_key: Key,
    pub metakey: Key,
    pub stanzas: Vec<Vec<u8>>,
    pub entries: Vec<Vec<u8>>,
    /// Between entries and MAC.
    pub surplus: Vec<u8>,
}

impl RawRecord {
    /// A record that one KEK opens.
    pub fn new(object: ObjectType, kek: &Key) -> RawRecord {
        let instance_id = super::id("instance");
        let scope_id = match object {
            ObjectType::KeyRecord => super::id("restore point"),
            _ => instance_id,
        };
        let mut record = RawRecord {
            object,
            flags: 0,
            length_error: 0,
            instance_id,
            scope_id,
            generation: 5,
            stanza_count: None,
            reserved: 0,
            entry_count: None,
            storage_key: super::key("storage key"),
            metakey: super::key("metakey"),
            stanzas: vec![],
            entries: vec![],
            surplus: vec![],
        };
        record.stanzas.push(record.kek_stanza(kek));
        record
    }

    pub fn scope(&self) -> Scope {
        Scope { object: self.object, id: self.scope_id }
    }

    pub fn kek_stanza(&self, kek: &Key) -> Vec<u8> {
        self.kek_stanza_of(kek, &self.storage_key)
    }

    /// The stanza in which `kek` finds `storage_key`, whether it is this record's or not.
    pub fn kek_stanza_of(&self, kek: &Key, storage_key: &Key) -> Vec<u8> {
        let id = Recipient::Kek(kek.clone()).id();
        let wrapped = self.scope().wrap(kek, Purpose::StorageKey, &id, storage_key);
        stanza([1, 0, 1, 0], &id, &wrapped)
    }

    pub fn session_entry(&self, session_key: &Key) -> Vec<u8> {
        let id = *Session::from_key(session_key.clone()).id();
        let wrapped = self.scope().wrap(&self.storage_key, Purpose::SessionKey, &id, session_key);
        entry(1, &id, &wrapped)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let scope = self.scope();
        let domain: [&[u8]; 2] = [&[self.object as u8], &self.scope_id];
        let commitment = expand256::<32>(&self.storage_key, label::STORAGE_KEY_COMMITMENT, &domain);
        let metakey = scope.wrap(&self.storage_key, Purpose::Metakey, &[0; 16], &self.metakey);
        let body = [self.stanzas.concat(), self.entries.concat(), self.surplus.clone()].concat();
        let total_len = (136 + body.len() + 40) as i32 + self.length_error;
        let stanza_count = self.stanza_count.unwrap_or(self.stanzas.len() as u16);
        let entry_count = self.entry_count.unwrap_or(self.entries.len() as u32);
        let mut bytes = [
            &[b'C', b'O', b'F', b'R', self.object as u8, 2, 1, 0][..],
            &self.flags.to_le_bytes(),
            &total_len.to_le_bytes(),
            &self.instance_id,
            &self.scope_id,
            &self.generation.to_le_bytes(),
            &stanza_count.to_le_bytes(),
            &self.reserved.to_le_bytes(),
            &entry_count.to_le_bytes(),
            commitment.expose(),
            &metakey,
            &body,
            &[0; 40],
        ]
        .concat();
        fix_mac(&mut bytes, &scope, &self.storage_key);
        bytes
    }
}

/// A stanza of any type, suite and body.
pub fn stanza(type_and_suite: [u16; 4], id: &Id, body: &[u8]) -> Vec<u8> {
    let head: Vec<u8> = type_and_suite.iter().flat_map(|field| field.to_le_bytes()).collect();
    [&head[..], id, &(body.len() as u32).to_le_bytes(), body].concat()
}

/// An entry of any type.
pub fn entry(kind: u16, id: &Id, body: &[u8; 40]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &[0; 6], id, body].concat()
}

/// Makes MAC and checksum of a record right again.
pub fn fix_mac(record: &mut [u8], scope: &Scope, storage_key: &Key) {
    let domain: [&[u8]; 2] = [&[scope.object as u8], &scope.id];
    let mac_key = expand256(storage_key, label::RECORD_MAC, &domain);
    let end = record.len() - 40;
    let mac = Mac256::of(&mac_key, &[&record[..end]]);
    record[end..end + 32].copy_from_slice(&mac);
    fix_checksum(record);
}

/// The storage key of a record, as its recipient finds it.
pub fn storage_key(record: &[u8], identity: &Identity) -> Key {
    let record = Record::parse(record).unwrap();
    let id = identity.id();
    let stanza = record.stanzas().find(|stanza| stanza.id == id).unwrap();
    identity.open_stanza(Engine::detect(), &record.scope(), &stanza).unwrap()
}

/// The metakey of a record.
pub fn metakey(record: &[u8], storage_key: &Key) -> Key {
    let scope = Record::parse(record).unwrap().scope();
    let wrapped = record[96..136].try_into().unwrap();
    scope.unwrap(storage_key, Purpose::Metakey, &[0; 16], wrapped).unwrap()
}

/// A manifest: header, entries, MACs, root; all under the right key. FORMAT.md 6.
pub fn manifest(metakey: &Key, header: &[u8; 112], entries: &[[u8; 128]]) -> Vec<u8> {
    let restore_point_id: &[u8] = &header[16..32];
    let generation: &[u8] = &header[48..56];
    let key = expand256(metakey, label::MANIFEST, &[restore_point_id]);
    let segments = entries.chunks(1024).len() as u64;
    let mut root = Mac256::over(&key, &[b"coffre/v2/root", header, &segments.to_le_bytes()]);
    let mut manifest = header.to_vec();
    for (index, segment) in (0u64..).zip(entries.chunks(1024)) {
        let (index, count) = (index.to_le_bytes(), (segment.len() as u32).to_le_bytes());
        let head: [&[u8]; 5] = [b"coffre/v2/segment", restore_point_id, generation, &index, &count];
        let mut mac = Mac256::over(&key, &head);
        mac.update(segment.as_flattened());
        let mac = mac.finish();
        manifest.extend_from_slice(segment.as_flattened());
        manifest.extend_from_slice(&mac);
        root.update(&mac);
    }
    manifest.extend_from_slice(&root.finish());
    manifest.extend_from_slice(&[0; 8]);
    fix_checksum(&mut manifest);
    manifest
}
