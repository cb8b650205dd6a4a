//! No room: commands are refused and can be tried again, and nothing that was acknowledged is lost.

use std::process::Command;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};

use crate::world::{Device, World};

/// Sends large messages until one is refused; gives how many were acknowledged, and the error.
async fn fills_up(alice: &mut Device, from: u64) -> (u64, Value) {
    for seq in from.. {
        let params = json!({"userID": "bob", "type": "text", "content": {"text": "x".repeat(16_000)}});
        match alice.asks("message.send", params).await {
            Ok(sent) => assert_eq!(sent["seq"], seq + 1),
            Err(error) => return (seq, error),
        }
        assert!(seq < 1_000, "the disk is never full");
    }
    unreachable!("a full disk ends it")
}

/// Refused while there is no room, then as if nothing had been: the same seqs and cursors go on without a gap.
async fn story(world: &mut World, reasons: &[&str], make_room: impl FnOnce(&World)) {
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let (acknowledged, error) = fills_up(&mut alice, 0).await;
    assert!(acknowledged > 0);
    assert_eq!(error["data"]["retryable"], true, "{error}");
    assert!(reasons.contains(&error["data"]["reason"].as_str().unwrap()), "{error}");
    // Still full, still answered; what only reads goes on.
    let (_, error) = fills_up(&mut alice, acknowledged).await;
    assert_eq!(error["data"]["retryable"], true, "{error}");
    let list = bob.does("conversation.list", json!({})).await;
    assert_eq!(list["conversations"][0]["lastSeq"], acknowledged);
    assert_eq!(world.get("/healthz").await.0, 200);
    let (status, words) = world.get("/readyz").await;
    assert_eq!(status, 503, "{words}");
    make_room(world);
    assert_eq!(alice.texts("bob", "room again").await["seq"], acknowledged + 1);
    world.becomes_ready().await;
    let lines = world.log().matches("commands could not be carried out").count();
    assert!(lines <= 3, "two refusals within some seconds were told {lines} times");
    bob.listens().await;
    assert_eq!(bob.cursor, acknowledged + 1);
    world.kill();
    world.resume();
    bob.resumes_at(world.address()).await;
    let newest = bob.does("message.history", json!({"userID": "alice", "limit": 1})).await;
    assert_eq!(newest["messages"][0]["seq"], acknowledged + 1);
    assert_eq!(newest["messages"][0]["content"]["text"], "room again");
    alice.resumes_at(world.address()).await;
    assert_eq!(alice.texts("bob", "and again").await["seq"], acknowledged + 2);
    assert!(!world.log().contains("panicked"), "{}", world.log());
}

fn limit_files(world: &World, bytes: Option<u64>) {
    let pid = Pid::from_raw(i32::try_from(world.pid()).unwrap());
    let old = prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None });
    old.expect("the limit can be set");
}

#[tokio::test]
async fn files_may_not_grow() {
    let mut world = World::prepared("");
    // A process that does not ignore the signal dies of it before it can see the error.
    world.resume_through("trap '' XFSZ; exec \"$@\"");
    limit_files(&world, Some(600_000));
    story(&mut world, &["storeUnavailable", "storeFull"], |world| limit_files(world, None)).await;
}

/// Needs the right to mount; elsewhere the story above stands for it.
#[tokio::test]
async fn the_disk_is_full() {
    let mut world = World::prepared("");
    let Some(disk) = SmallDisk::mount(&world) else { return };
    world.resume();
    story(&mut world, &["storeFull"], |_| disk.grows()).await;
    assert!(world.log().contains("the disk is full"), "{}", world.log());
    world.stop();
}

/// A file system in memory of 1 MiB, in place of the data folder.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(world: &World) -> Option<Self> {
        let path = world.data();
        std::fs::create_dir_all(&path).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", "size=1m", "tmpfs"], &path);
        mounted.then_some(Self(path))
    }

    fn grows(&self) {
        assert!(mount(&["-o", "remount,size=64m"], &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still have its files open.
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

fn mount(words: &[&str], path: &std::path::Path) -> bool {
    let mounted = Command::new("mount").args(words).arg(path).output();
    mounted.is_ok_and(|output| output.status.success())
}
