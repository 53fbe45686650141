//! Connections of the HTTP listener: few, and none that is silent for long, so that whoever opens many of them takes
//! no files from Kafka's clients.
//!
//! Invariants: at most `HTTP_CONNECTIONS_MAX` are open, more wait in the kernel's queue; one on which nothing moves for
//! `HTTP_SILENCE_MS_MAX` is closed. Given to axum, which serves them.

use crate::limits;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// Pause after a failed accept.
const RETRY: Duration = Duration::from_millis(100);

pub struct Bounded {
    listener: TcpListener,
    free: Arc<Semaphore>,
    silence: Duration,
}

impl Bounded {
    pub fn new(listener: TcpListener) -> Bounded {
        let silence = Duration::from_millis(limits::HTTP_SILENCE_MS_MAX);
        Bounded { listener, free: Arc::new(Semaphore::new(limits::HTTP_CONNECTIONS_MAX)), silence }
    }
}

impl axum::serve::Listener for Bounded {
    type Io = Guarded;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guarded, SocketAddr) {
        // The semaphore is never closed.
        let Ok(slot) = self.free.clone().acquire_owned().await else { return std::future::pending().await };
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    let quiet = Box::pin(tokio::time::sleep(self.silence));
                    return (Guarded { stream, quiet, silence: self.silence, _slot: slot }, address);
                }
                Err(e) => {
                    tracing::debug!("the HTTP listener cannot accept for a moment: {e}");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

pub struct Guarded {
    stream: TcpStream,
    quiet: Pin<Box<Sleep>>,
    silence: Duration,
    _slot: OwnedSemaphorePermit,
}

impl Guarded {
    /// What came of a try to move bytes; if none moved for too long, an error.
    fn moved<T>(&mut self, cx: &mut Context<'_>, tried: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match tried {
            Poll::Ready(r) => {
                let until = Instant::now() + self.silence;
                self.quiet.as_mut().reset(until);
                Poll::Ready(r)
            }
            Poll::Pending => self.quiet.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        let tried = Pin::new(&mut me.stream).poll_read(cx, buf);
        me.moved(cx, tried)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let me = self.get_mut();
        let tried = Pin::new(&mut me.stream).poll_write(cx, bytes);
        me.moved(cx, tried)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::serve::Listener;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn few_at_once_and_none_that_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silence = Duration::from_millis(200);
        let mut bounded = Bounded { listener, free: Arc::new(Semaphore::new(1)), silence };
        let mut talks = TcpStream::connect(address).await.unwrap();
        let (mut served, _) = bounded.accept().await;
        let _waits = TcpStream::connect(address).await.unwrap();
        let second = tokio::time::timeout(silence / 2, bounded.accept()).await;
        assert!(second.is_err(), "one at a time");
        talks.write_all(b"x").await.unwrap();
        let mut one = [0; 1];
        served.read_exact(&mut one).await.unwrap();
        let silent = served.read(&mut one).await.unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);
        drop(served);
        bounded.accept().await;
    }
}
