//! As much of S3 and CloudTrail over HTTP as verification asks for, on the loopback interface: one
//! bucket with a trail, listings in short pages, `ListPublicKeys`, and refusals on request.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "test support: a failure here is a failed test"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;

use crate::trail::{self, BUCKET, REGION, Trail};

/// Keys in a page of a listing.
const PAGE: usize = 5;

/// What the service has and refuses.
pub struct World {
    pub trail: Trail,
    /// Keys that answer 403 AccessDenied.
    pub denied: BTreeSet<String>,
    /// Whether `ListPublicKeys` is refused.
    pub keys_denied: bool,
    /// Prefixes whose listing is refused.
    pub unlisted: BTreeSet<String>,
}

/// A service until the process ends.
pub struct Service {
    pub url: String,
    /// Regions whose keys were asked for.
    pub asked: Arc<Mutex<Vec<String>>>,
}

struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: String,
}

impl Service {
    pub fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (world, noted) = (Arc::new(world), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (world, noted) = (Arc::clone(&world), Arc::clone(&noted));
                std::thread::spawn(move || serve(stream, &world, &noted));
            }
        });
        Self { url, asked }
    }
}

/// Answers one connection's requests.
fn serve(mut stream: TcpStream, world: &World, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read_request(&mut reader) {
        let (status, headers, body) = answer(&request, world, asked);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        if request.method != "HEAD" {
            stream.write_all(&body).unwrap();
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut headers = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line);
    }
    let length = headers.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<u64>().unwrap())
    });
    let mut body = Vec::new();
    reader
        .take(length.unwrap_or(0))
        .read_to_end(&mut body)
        .unwrap();
    let mut words = first.split(' ');
    let method = words.next().unwrap().to_owned();
    let target = words.next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_owned(), decoded(value))
    };
    Some(Request {
        method,
        path: decoded(path),
        query: query.split('&').map(pair).collect(),
        headers,
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let digits = std::str::from_utf8(&rest[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

type Answer = (u16, String, Vec<u8>);

fn answer(request: &Request, world: &World, asked: &Mutex<Vec<String>>) -> Answer {
    if request.method == "POST" {
        return list_public_keys(request, world, asked);
    }
    let path = request.path.trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    if bucket != BUCKET {
        return refusal(404, "NoSuchBucket");
    }
    if request.method == "HEAD" {
        return (
            200,
            format!("x-amz-bucket-region: {REGION}\r\n"),
            Vec::new(),
        );
    }
    if key.is_empty() {
        return list(request, world);
    }
    if world.denied.contains(key) {
        return refusal(403, "AccessDenied");
    }
    match world.trail.objects.get(key) {
        None => refusal(404, "NoSuchKey"),
        Some(object) => {
            let mut headers = "Content-Encoding: gzip\r\n".to_owned();
            for (name, value) in &object.metadata {
                write!(headers, "x-amz-meta-{name}: {value}\r\n").unwrap();
            }
            (200, headers, object.bytes.clone())
        }
    }
}

fn refusal(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>refused</Message></Error>");
    (status, String::new(), body.into_bytes())
}

/// `ListObjectsV2`
fn list(request: &Request, world: &World) -> Answer {
    let said = |name: &str| {
        let found = request.query.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(said("list-type"), Some("2"));
    let prefix = said("prefix").unwrap_or_default();
    if world.unlisted.contains(prefix) {
        return refusal(403, "AccessDenied");
    }
    let after = said("continuation-token")
        .or(said("start-after"))
        .unwrap_or_default();
    let mut rows = BTreeSet::new();
    for key in world
        .trail
        .objects
        .keys()
        .filter(|key| key.starts_with(prefix))
    {
        let folder = said("delimiter").and_then(|delimiter| {
            let end = key[prefix.len()..].find(delimiter)?;
            Some(key[..=prefix.len() + end].to_owned())
        });
        rows.insert((folder.clone().unwrap_or(key.clone()), folder.is_some()));
    }
    rows.retain(|(name, _)| name.as_str() > after);
    (
        200,
        "Content-Type: application/xml\r\n".to_owned(),
        page(&rows).into_bytes(),
    )
}

/// The first rows, folders among them, and where the next page begins.
fn page(rows: &BTreeSet<(String, bool)>) -> String {
    let mut body = format!("<ListBucketResult><Name>{BUCKET}</Name>");
    for (name, folder) in rows.iter().take(PAGE) {
        match folder {
            true => write!(
                body,
                "<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"
            ),
            false => write!(body, "<Contents><Key>{name}</Key><Size>1</Size></Contents>"),
        }
        .unwrap();
    }
    let more = rows.len() > PAGE;
    if more {
        let (last, _) = rows.iter().nth(PAGE - 1).unwrap();
        write!(
            body,
            "<NextContinuationToken>{last}</NextContinuationToken>"
        )
        .unwrap();
    }
    write!(body, "<IsTruncated>{more}</IsTruncated></ListBucketResult>").unwrap();
    body
}

/// The keys, to those who sign for the trail's region.
fn list_public_keys(request: &Request, world: &World, asked: &Mutex<Vec<String>>) -> Answer {
    let headers = "Content-Type: application/x-amz-json-1.1\r\n".to_owned();
    assert!(
        request.headers.contains("ListPublicKeys"),
        "{}",
        request.headers
    );
    if world.keys_denied {
        let body = r#"{"__type":"AccessDeniedException","Message":"refused"}"#;
        return (400, headers, body.into());
    }
    let scope = request.headers.split("Credential=").nth(1).unwrap();
    let region = scope.split('/').nth(2).unwrap().to_owned();
    let mut listed = trail::public_keys();
    if region != REGION {
        listed["PublicKeyList"] = serde_json::json!([]);
    }
    for key in listed["PublicKeyList"].as_array_mut().unwrap() {
        key["ValidityStartTime"] = 1_700_000_000.0.into();
        key["ValidityEndTime"] = 1_900_000_000.5.into();
        let value = key["Value"].as_str().unwrap();
        assert!(
            base64::engine::general_purpose::STANDARD
                .decode(value)
                .is_ok()
        );
    }
    asked.lock().unwrap().push(region);
    (200, headers, listed.to_string().into_bytes())
}
