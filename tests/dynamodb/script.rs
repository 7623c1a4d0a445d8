//! An HTTP client that answers what it is told to, or never.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::Value;

/// Answers in order, with their status, and what was asked.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    left: Arc<Mutex<VecDeque<(u16, Value)>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Answers {
    pub fn of(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        Self {
            left: Arc::new(Mutex::new(answers.into_iter().collect())),
            asked: Arc::default(),
        }
    }

    pub fn client(&self) -> SharedHttpClient {
        client_of(self.clone())
    }

    /// The operations that were asked for, each with its request.
    pub fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpConnector for Answers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap();
        let (_, operation) = target.rsplit_once('.').unwrap();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let mut asked = self.asked.lock().unwrap();
        asked.push((operation.to_owned(), body));
        let answer = self.left.lock().unwrap().pop_front();
        let answer = answer.map(|(status, body)| {
            HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
        });
        let nothing = || ConnectorError::other("the script has ended".into(), None);
        HttpConnectorFuture::ready(answer.ok_or_else(nothing))
    }
}

/// Never answers, and counts how often it is asked.
#[derive(Debug, Clone, Default)]
pub struct Silence(Arc<Mutex<usize>>);

impl Silence {
    pub fn client(&self) -> SharedHttpClient {
        client_of(self.clone())
    }

    pub fn calls(&self) -> usize {
        *self.0.lock().unwrap()
    }
}

impl HttpConnector for Silence {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        *self.0.lock().unwrap() += 1;
        HttpConnectorFuture::new(std::future::pending())
    }
}

fn client_of(connector: impl HttpConnector + Clone + 'static) -> SharedHttpClient {
    http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone()))
}
