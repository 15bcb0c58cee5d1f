// HttpClient against servers that answer, and against such as do not.
#include "daemon/http_client/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <mutex>
#include <set>

#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http_client {
namespace http_client_test {

using std::chrono::milliseconds;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;

absl::StatusCode CodeOf(HttpClient& client, const HttpCall& request) {
  return client.Send(request).status().code();
}

TEST(HttpClient, SendsMethodHeadersAndBody) {
  httplib::Request seen;
  WebServer server([&](const httplib::Request& request, httplib::Response& response) {
    seen = request;
    response.status = 202;
    response.set_content("taken", "text/plain");
    response.set_header("retry-after", "17");
  });
  HttpClient client;
  const std::string body("{\"a\":\0}", 7);
  const auto response =
      client.Send({.url = server.Url("/x?y=1"), .headers = {{"X-One", "1"}}, .body = body});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, "taken");
  EXPECT_EQ(response->retry_after, "17");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/x?y=1");
  EXPECT_EQ(seen.body, body);
  EXPECT_EQ(seen.get_header_value("X-One"), "1");
  EXPECT_FALSE(seen.has_header("Expect"));

  ASSERT_TRUE(client.Send({.method = "GET", .url = server.Url("/")}).ok());
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.body, "");
  EXPECT_FALSE(seen.has_header("X-One"));
}

TEST(HttpClient, TellsTheTimeOfTheOther) {
  WebServer server([](const httplib::Request&, httplib::Response& response) {
    response.set_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
  });
  HttpClient client;
  const auto response = client.Send({.url = server.Url("/")});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->date, std::chrono::sys_seconds(std::chrono::seconds(784111777)));
}

// The proxy that the environment names took a webhook of this machine once, with its token.
TEST(HttpClient, GoesByNoProxyToThisMachineOrWhereTold) {
  std::vector<std::string> by_proxy;
  WebServer proxy([&](const httplib::Request& request, httplib::Response&) {
    by_proxy.push_back(request.target);
  });
  int direct = 0;
  WebServer server([&](const httplib::Request&, httplib::Response&) { ++direct; });
  ::unsetenv("no_proxy");  // which the servers have set
  ::setenv("http_proxy", proxy.Url("").c_str(), 1);
  ::setenv("all_proxy", proxy.Url("").c_str(), 1);
  HttpClient client;
  const std::string port = ":" + std::to_string(server.port()) + "/";
  for (const char* host : {"127.0.0.1", "localhost", "LocalHost", "localhost.", "127.0.1.1"}) {
    (void)client.Send({.url = std::string("http://") + host + port,
                       .headers = {{"Authorization", "Bearer secret"}}});
  }
  EXPECT_GE(direct, 3) << "those that this machine listens by";
  EXPECT_THAT(by_proxy, testing::IsEmpty());
  (void)client.Send(
      {.url = "http://elsewhere.invalid/x", .timeout = milliseconds(2'000), .direct = true});
  EXPECT_THAT(by_proxy, testing::IsEmpty());
  EXPECT_EQ(CodeOf(client, {.url = "http://elsewhere.invalid/x"}), absl::StatusCode::kOk);
  EXPECT_THAT(by_proxy, testing::ElementsAre("http://elsewhere.invalid/x"));
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  ::setenv("no_proxy", "*", 1);
}

TEST(HttpClient, KeepsItsConnection) {
  std::set<int> ports;
  WebServer server([&](const httplib::Request& request, httplib::Response&) {
    ports.insert(request.remote_port);
  });
  HttpClient client;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.Send({.url = server.Url("/")}).ok());
  EXPECT_EQ(ports.size(), 1u);
}

// Found by a server that took tickets and ended kept connections without an answer: it got each
// twice, and nobody here knew.
TEST(HttpClient, SendsOnceOverAConnectionOfItsOwn) {
  std::set<int> ports;
  WebServer server([&](const httplib::Request& request, httplib::Response&) {
    ports.insert(request.remote_port);
  });
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send({.url = server.Url("/"), .once = true}).ok());
    ASSERT_TRUE(client.Send({.method = "GET", .url = server.Url("/")}).ok());
  }
  EXPECT_EQ(ports.size(), 4u);
}

TEST(HttpClient, TrustsTheAuthorityItIsTold) {
  const TemporaryFolder folder;
  const CertificateAuthority authority;
  const CertificateAuthority other("another");
  const CertificateAuthority impostor;  // of the same name
  const std::string ca = folder.Write("ca.pem", authority.Pem());
  const std::string other_ca = folder.Write("other.pem", other.Pem());
  const Certificate certificate = authority.IssueForLoopback();
  int requests = 0;
  WebServer server([&](const httplib::Request&, httplib::Response&) { ++requests; }, &certificate);
  const HttpCall request{.url = server.Url("/")};

  EXPECT_EQ(CodeOf(*std::make_unique<HttpClient>(ca), request), absl::StatusCode::kOk);
  EXPECT_EQ(requests, 1);
  for (const std::string& file : {std::string(), other_ca, folder.Path("missing.pem")}) {
    HttpClient client(file);
    EXPECT_EQ(CodeOf(client, request), absl::StatusCode::kUnauthenticated) << file;
  }
  HttpClient deceived(folder.Write("impostor.pem", impostor.Pem()));
  EXPECT_FALSE(deceived.Send(request).ok());
  // The certificate is for the address, not for the name.
  HttpClient client(ca);
  EXPECT_EQ(CodeOf(client, {.url = "https://localhost:" + std::to_string(server.port()) + "/"}),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(requests, 1);
}

TEST(HttpClient, DoesNotFollowRedirects) {
  std::vector<std::string> paths;
  WebServer server([&](const httplib::Request& request, httplib::Response& response) {
    paths.push_back(request.path);
    response.set_redirect("/elsewhere", 307);
  });
  HttpClient client;
  const auto response = client.Send({.url = server.Url("/here")});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 307);
  EXPECT_THAT(paths, testing::ElementsAre("/here"));
}

TEST(HttpClient, CutsAnEndlessBody) {
  RawServer server([](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    while (RawServer::Write(fd, std::string(10'000, 'x'))) {
    }
  });
  HttpClient client;
  const auto response = client.Send({.url = server.Url("/"), .response_bytes_max = 12'345});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, std::string(12'345, 'x'));
}

TEST(HttpClient, RefusesEndlessHeaders) {
  RawServer server([](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\n");
    while (RawServer::Write(fd, "X-More: " + std::string(1'000, 'x') + "\r\n")) {
    }
  });
  HttpClient client;
  EXPECT_EQ(CodeOf(client, {.url = server.Url("/")}), absl::StatusCode::kAborted);
}

TEST(HttpClient, GivesUpAtItsDeadline) {
  RawServer server([](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::WaitForClose(fd);
  });
  HttpClient client;
  EXPECT_EQ(CodeOf(client, {.url = server.Url("/"), .timeout = milliseconds(50)}),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(HttpClient, HasNoConnectionBeforeTheOtherSaysHello) {
  RawServer silent([](int fd) { RawServer::WaitForClose(fd); });
  const TemporaryFolder folder;
  HttpClient client(folder.Write("ca.pem", CertificateAuthority().Pem()));
  EXPECT_EQ(CodeOf(client, {.url = "https://127.0.0.1:" + std::to_string(silent.port()) + "/",
                            .timeout = milliseconds(50)}),
            absl::StatusCode::kUnavailable);
}

TEST(HttpClient, TellsADeadlineOnAKeptConnectionFromNoConnection) {
  RawServer server([](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    RawServer::ReadRequest(fd);
    RawServer::WaitForClose(fd);
  });
  HttpClient client;
  EXPECT_EQ(CodeOf(client, {.url = server.Url("/")}), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOf(client, {.url = server.Url("/"), .timeout = milliseconds(50)}),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(HttpClient, TellsABrokenConnectionFromNone) {
  RawServer server([](int fd) {
    RawServer::ReadRequest(fd);
    RawServer::Reset(fd);
  });
  HttpClient client;
  EXPECT_EQ(CodeOf(client, {.url = server.Url("/")}), absl::StatusCode::kAborted);

  int port = 0;
  {
    port = RawServer([](int) {}).port();
  }
  EXPECT_EQ(CodeOf(client, {.url = "http://127.0.0.1:" + std::to_string(port) + "/"}),
            absl::StatusCode::kUnavailable);
}

TEST(HttpClient, IsCancelledFromAnotherThread) {
  std::promise<void> request_read;
  RawServer server([&](int fd) {
    RawServer::ReadRequest(fd);
    request_read.set_value();
    RawServer::WaitForClose(fd);
  });
  HttpClient client;
  auto code = std::async(std::launch::async, [&] {
    return CodeOf(client, {.url = server.Url("/"), .timeout = std::chrono::hours(1)});
  });
  request_read.get_future().wait();
  client.Cancel();
  EXPECT_EQ(code.get(), absl::StatusCode::kCancelled);
  EXPECT_EQ(CodeOf(client, {.url = server.Url("/"), .timeout = std::chrono::hours(1)}),
            absl::StatusCode::kCancelled);
}

TEST(HttpClient, RefusesWhatIsNoWebAddress) {
  HttpClient client;
  for (const char* url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "://",
                          "http://127.0.0.1:99999/", "no address"}) {
    EXPECT_EQ(CodeOf(client, {.url = url}), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_FALSE(CheckHttpUrl(url).ok()) << url;
  }
  EXPECT_TRUE(CheckHttpUrl("https://hooks.example.com/a?b=c").ok());
  EXPECT_TRUE(CheckHttpUrl("http://user:secret@127.0.0.1:8080").ok());
}

TEST(HttpClient, RefusesHeadersOfMoreThanOneLine) {
  HttpClient client;
  const HttpCall request{.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nY: b"}}};
  EXPECT_EQ(CodeOf(client, request), absl::StatusCode::kInvalidArgument);
}

TEST(HttpClient, ErrorsShowNoMoreThanTheOrigin) {
  HttpClient client;
  const auto response =
      client.Send({.url = "http://name:secret@127.0.0.1:1/token-in-path?key=k3y"});
  const std::string text(response.status().message());
  EXPECT_THAT(text, HasSubstr("http://127.0.0.1:1"));
  for (const char* hidden : {"secret", "token-in-path", "k3y", "name"}) {
    EXPECT_THAT(text, Not(HasSubstr(hidden)));
  }
}

TEST(ParseHttpDate, ReadsDatesOfHeaders) {
  using std::chrono::seconds;
  using std::chrono::sys_seconds;
  const sys_seconds expected{seconds(784111777)};
  EXPECT_THAT(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), Eq(expected));
  EXPECT_THAT(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), Eq(expected));
  EXPECT_THAT(ParseHttpDate("Sun Nov  6 08:49:37 1994"), Eq(expected));
  EXPECT_THAT(ParseHttpDate("soon"), Eq(std::nullopt));
  EXPECT_THAT(ParseHttpDate(""), Eq(std::nullopt));
}

}  // namespace http_client_test
}  // namespace signinwatch::http_client
