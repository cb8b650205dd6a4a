//! The load balancer: every connection of a device leads to some node that takes it, whichever the last one led to.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::dice::between;
use crate::load::door::Door;

/// A node on this machine takes a connection at once or not at all.
const DIAL: Duration = Duration::from_secs(1);
/// How long a device keeps a connection before it changes from one network to another, ms: by then it has missed some
/// of what the node that it comes to next has told, and that node some of what the last one has.
const LIFE: (u64, u64) = (1_000, 20_000);

pub(super) struct Roads {
    nodes: Vec<Road>,
}

/// The way to a node.
struct Road {
    port: u16,
    /// Changes when connections to it are given up.
    given_up: watch::Sender<()>,
}

impl Roads {
    /// To nodes at these ports.
    pub(super) fn new(ports: impl IntoIterator<Item = u16>) -> Arc<Self> {
        let nodes = ports.into_iter().map(|port| Road { port, given_up: watch::Sender::new(()) });
        Arc::new(Self { nodes: nodes.collect() })
    }

    /// A door that leads to one node after the other.
    pub(super) async fn door(self: &Arc<Self>, mut dice: fastrand::Rng) -> Door {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let door = Door::new(listener.local_addr().unwrap().port());
        let (roads, through) = (Arc::clone(self), door.clone());
        tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                let dice = dice.fork();
                tokio::spawn(Arc::clone(&roads).lead(device, through.clone(), dice));
            }
        });
        door
    }

    /// Half of those who are connected to this node lose patience with it.
    pub(super) fn give_up(&self, node: usize) {
        self.nodes[node].given_up.send_replace(());
    }

    async fn lead(self: Arc<Self>, mut device: TcpStream, door: Door, mut dice: fastrand::Rng) {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        dice.shuffle(&mut order);
        for node in order {
            let road = &self.nodes[node];
            let mut given_up = road.given_up.subscribe();
            let dialling = TcpStream::connect((Ipv4Addr::LOCALHOST, road.port));
            let Ok(Ok(mut server)) = timeout(DIAL, dialling).await else { continue };
            door.leads_to(node);
            if device.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
                return;
            }
            let mut life = Box::pin(sleep(between(&mut dice, LIFE.0, LIFE.1)));
            let mut carrying = Box::pin(copy_bidirectional(&mut device, &mut server));
            loop {
                tokio::select! {
                    _ = &mut carrying => return,
                    () = &mut life => return,
                    _ = given_up.changed() => if dice.bool() { return },
                }
            }
        }
    }
}
