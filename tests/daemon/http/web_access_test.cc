// TLS, client certificates and basic auth over real connections, and what a change of the files
// does.
#include "daemon/http/web_access.h"

#include <crypt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/ssl.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http/http_server.h"
#include "daemon/words/ticket_json.h"
#include "nlohmann/json.hpp"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/raw_client.h"
#include "tests/daemon/http/sample_status.h"
#include "tests/daemon/http_client/certificates.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http {
namespace web_access_test {

using testing::HasSubstr;
using testing::StartsWith;

std::string HashOfPassword(const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  return ::crypt_r(password.c_str(), "$2y$04$abcdefghijklmnopqrstuu", scratch.get());
}

class WebAccessTest : public testing::Test {
 protected:
  WebAccessTest() {
    WriteServer(server_ca_);
    folder_.Write("client-ca.crt", client_ca_.Pem());
    const http_client::Certificate client = client_ca_.IssueForLoopback();
    folder_.Write("client.crt", http_client::PemOf(client.x509.get()));
    folder_.Write("client.key", http_client::PemOf(client.key.get()));
  }
  void WriteServer(const http_client::CertificateAuthority& ca) {
    const http_client::Certificate server = ca.IssueForLoopback();
    folder_.Write("server.crt", http_client::PemOf(server.x509.get()));
    folder_.Write("server.key", http_client::PemOf(server.key.get()));
    folder_.Write("server-ca.crt", ca.Pem());
  }
  static std::string Tls(const std::string& more = "") {
    return "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + more;
  }
  static std::string Users(const std::string& name, const std::string& password) {
    return "basic_auth_users:\n  " + name + ": " + HashOfPassword(password) + "\n";
  }

  void Start(const std::string& web_config, const std::string& listen = "127.0.0.1:0") {
    config::HttpConfig config;
    config.listen = listen;
    config.web_config_file = folder_.Write("web.yaml", web_config);
    auto server = HttpServer::Start(clock::SystemClock(), config,
                                    {.store = &store_,
                                     .status = SampleStatus,
                                     .metrics = [](bool) { return "metrics\n"; },
                                     .reload =
                                         [this] {
                                           ++reloads_;
                                           return absl::OkStatus();
                                         }});
    ASSERT_TRUE(server.ok()) << std::string(server.status().message());
    server_ = *std::move(server);
  }
  std::unique_ptr<httplib::Client> Client(const std::string& scheme = "https",
                                          bool with_certificate = false) {
    const std::string url = scheme + "://127.0.0.1:" + std::to_string(server_->port());
    auto client = with_certificate
                      ? std::make_unique<httplib::Client>(url, folder_.Path("client.crt"),
                                                          folder_.Path("client.key"))
                      : std::make_unique<httplib::Client>(url);
    if (scheme == "https") client->set_ca_cert_path(folder_.Path("server-ca.crt"));
    return client;
  }
  // The status, or 0 where there is no answer.
  static int StatusOf(const httplib::Result& result) { return result ? result->status : 0; }

  TemporaryFolder folder_;
  http_client::CertificateAuthority server_ca_{"servers"};
  http_client::CertificateAuthority client_ca_{"clients"};
  FakeStore store_;
  int reloads_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebAccessTest, AnswersByTls) {
  Start(Tls());
  const auto answer = Client()->Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "metrics\n");
  EXPECT_EQ(StatusOf(Client()->Get("/api/v1/status")), 200);
}

TEST_F(WebAccessTest, PlainHttpIsToldToComeByTls) {
  Start(Tls());
  EXPECT_THAT(RawClient(server_->port()).Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              HasSubstr("this is an HTTPS server"));
}

TEST_F(WebAccessTest, GarbageAndSilenceOnATlsPortEndTheConnectionOnly) {
  Start(Tls());
  EXPECT_EQ(RawClient(server_->port())
                .Ask(std::string("\x16\x03\x01\x00\xff") + "garbage" + std::string(300, 'x'))
                .find("HTTP/1.1 2"),
            std::string::npos);
  const RawClient silent(server_->port());
  EXPECT_EQ(StatusOf(Client()->Get("/metrics")), 200);
}

TEST_F(WebAccessTest, ALargeAnswerComesWholeByTls) {
  config::HttpConfig config;
  config.listen = "127.0.0.1:0";
  config.web_config_file = folder_.Write("web.yaml", Tls());
  const std::string large(20'000'000, 'x');
  auto server = HttpServer::Start(clock::SystemClock(), config,
                                  {.store = &store_,
                                   .status = SampleStatus,
                                   .metrics = [&](bool) { return large; },
                                   .reload = {}});
  ASSERT_TRUE(server.ok());
  server_ = *std::move(server);
  const auto answer = Client()->Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == large);
}

TEST_F(WebAccessTest, ClientCertificatesAsTheFileSays) {
  struct {
    const char* type;
    bool needs_ca;
    bool without;  // a certificate one gets in
    bool with_own;
    bool with_other;  // that another authority has issued
  } const cases[] = {
      {"NoClientCert", false, true, true, true},
      {"RequestClientCert", false, true, true, true},
      {"RequireAnyClientCert", false, false, true, true},
      {"VerifyClientCertIfGiven", true, true, true, false},
      {"RequireAndVerifyClientCert", true, false, true, false},
  };
  const http_client::Certificate other =
      http_client::CertificateAuthority("others").IssueForLoopback();
  folder_.Write("other.crt", http_client::PemOf(other.x509.get()));
  folder_.Write("other.key", http_client::PemOf(other.key.get()));
  for (const auto& c : cases) {
    SCOPED_TRACE(c.type);
    Start(Tls(std::string("  client_auth_type: ") + c.type + "\n" +
              (c.needs_ca ? "  client_ca_file: client-ca.crt\n" : "")));
    EXPECT_EQ(StatusOf(Client()->Get("/metrics")), c.without ? 200 : 0);
    EXPECT_EQ(StatusOf(Client("https", true)->Get("/metrics")), c.with_own ? 200 : 0);
    httplib::Client stranger("https://127.0.0.1:" + std::to_string(server_->port()),
                             folder_.Path("other.crt"), folder_.Path("other.key"));
    stranger.set_ca_cert_path(folder_.Path("server-ca.crt"));
    EXPECT_EQ(StatusOf(stranger.Get("/metrics")), c.with_other ? 200 : 0);
  }
}

TEST_F(WebAccessTest, OnlyCertificatesWithAnAllowedName) {
  const std::string verify =
      "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: client-ca.crt\n";
  Start(Tls(verify + "  client_allowed_sans: [127.0.0.1]\n"));
  EXPECT_EQ(StatusOf(Client("https", true)->Get("/metrics")), 200);
  Start(Tls(verify + "  client_allowed_sans: [prometheus.contoso.example]\n"));
  EXPECT_EQ(StatusOf(Client("https", true)->Get("/metrics")), 0);
}

TEST_F(WebAccessTest, BasicAuthIsAskedForOnEveryPath) {
  Start(Users("alice", "secret"));
  for (const char* path : {"/", "/metrics", "/-/healthy", "/api/v1/status", "/nothing"}) {
    const auto refused = Client("http")->Get(path);
    ASSERT_TRUE(refused) << path;
    EXPECT_EQ(refused->status, 401) << path;
    EXPECT_THAT(refused->get_header_value("WWW-Authenticate"), StartsWith("Basic "));
    EXPECT_THAT(refused->body, HasSubstr("password"));
  }
  auto client = Client("http");
  client->set_basic_auth("alice", "secret");
  EXPECT_EQ(StatusOf(client->Get("/metrics")), 200);
  client->set_basic_auth("alice", "Secret");
  EXPECT_EQ(StatusOf(client->Get("/metrics")), 401);
}

TEST_F(WebAccessTest, FromTheNetworkReloadIsForWhoHasLoggedIn) {
  Start("", "0.0.0.0:0");
  EXPECT_EQ(StatusOf(Client("http")->Post("/-/reload")), 403);
  Start(Tls("  client_auth_type: RequireAnyClientCert\n"), "0.0.0.0:0");
  EXPECT_EQ(StatusOf(Client("https", true)->Post("/-/reload")), 403) << "any is nobody";
  EXPECT_EQ(reloads_, 0);
  Start(Users("alice", "secret"), "0.0.0.0:0");
  EXPECT_EQ(StatusOf(Client("http")->Post("/-/reload")), 401);
  auto client = Client("http");
  client->set_basic_auth("alice", "secret");
  EXPECT_EQ(StatusOf(client->Post("/-/reload")), 200);
  Start(Tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: client-ca.crt\n"),
        "0.0.0.0:0");
  EXPECT_EQ(StatusOf(Client("https", true)->Post("/-/reload")), 200);
  EXPECT_EQ(reloads_, 2);
}

// A review has the name under which its author has come in, never one that the request claims.
TEST_F(WebAccessTest, AReviewIsByWhoHasShownWhoTheyAre) {
  store_.Add(words::TicketToJson(UserTicketNumber(1)));
  const std::string review = "/api/v1/tickets/" + TicketId(1) + "/review";
  const auto reviewer = [&](httplib::Client& client) {
    const auto answer = client.Post(review);
    if (StatusOf(answer) != 200) return "status " + std::to_string(StatusOf(answer));
    return nlohmann::json::parse(answer->body)["review"]["by"].get<std::string>();
  };
  const std::string verify =
      "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: client-ca.crt\n";
  Start("");
  EXPECT_EQ(reviewer(*Client("http")), "local");

  Start(Users("alice", "secret"));
  EXPECT_EQ(reviewer(*Client("http")), "status 401");
  auto alice = Client("http");
  alice->set_basic_auth("alice", "secret");
  EXPECT_EQ(reviewer(*alice), "alice");
  EXPECT_EQ(reviewer(*alice), "alice") << "also when her password needs no hashing any more";
  alice->set_default_headers({{"X-Forwarded-User", "bob"}, {"Remote-User", "bob"}});
  EXPECT_EQ(reviewer(*alice), "alice");

  Start(Tls(verify), "0.0.0.0:0");
  EXPECT_EQ(reviewer(*Client("https", true)), "server of a test") << "its common name";
  Start(Tls(verify) + Users("alice", "secret"));
  auto both = Client("https", true);
  both->set_basic_auth("alice", "secret");
  EXPECT_EQ(reviewer(*both), "alice") << "a person goes before a machine";

  // Of a certificate that nobody has checked the name says nothing.
  Start(Tls("  client_auth_type: RequireAnyClientCert\n"));
  EXPECT_EQ(reviewer(*Client("https", true)), "local");
}

TEST_F(WebAccessTest, HeadersOfTheFileStandInForOurs) {
  Start(
      "http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n"
      "    Strict-Transport-Security: max-age=60\n");
  const auto answer = Client("http")->Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("X-Frame-Options"), "sameorigin");
  EXPECT_EQ(answer->get_header_value("Strict-Transport-Security"), "max-age=60");
  EXPECT_EQ(answer->get_header_value_count("X-Frame-Options"), 1u);
  EXPECT_EQ(answer->get_header_value_count("Content-Security-Policy"), 1u);
}

TEST_F(WebAccessTest, AStartWithAWrongFileIsRefused) {
  config::HttpConfig config;
  config.listen = "127.0.0.1:0";
  config.web_config_file = folder_.Path("web.yaml");
  const auto error_of = [&](const std::string& text) {
    folder_.Write("web.yaml", text);
    const auto server = HttpServer::Start(clock::SystemClock(), config, {});
    return server.ok() ? std::string() : std::string(server.status().message());
  };
  EXPECT_THAT(error_of("users: {}"), HasSubstr("web.yaml:1:1: unknown key"));
  EXPECT_THAT(error_of("tls_server_config: {cert_file: none.crt, key_file: server.key}"),
              HasSubstr("none.crt: No such file or directory"));
  EXPECT_THAT(error_of("tls_server_config: {cert_file: server.crt, key_file: client.key}"),
              HasSubstr("client.key: no usable private key of that certificate: "));
  EXPECT_THAT(error_of(Tls("  client_auth_type: RequireAndVerifyClientCert\n"
                           "  client_ca_file: web.yaml\n")),
              HasSubstr("web.yaml: no usable certificates: "));
}

// One file for all exporters: what the toolkit takes as text is taken as text.
TEST_F(WebAccessTest, CertificatesMayStandInTheFile) {
  const auto indented = [this](const char* key, const char* file) {
    std::string text = std::string("  ") + key + ": |\n";
    std::ifstream lines(folder_.Path(file));
    for (std::string line; std::getline(lines, line);) text += "    " + line + "\n";
    return text;
  };
  Start("tls_server_config:\n" + indented("cert", "server.crt") + indented("key", "server.key") +
        indented("client_ca", "client-ca.crt") +
        "  client_auth_type: RequireAndVerifyClientCert\n");
  EXPECT_EQ(StatusOf(Client("https", true)->Get("/metrics")), 200);
  EXPECT_EQ(StatusOf(Client()->Get("/metrics")), 0);
}

TEST_F(WebAccessTest, ATextThatIsNoCertificateIsNamedAndNotShown) {
  const std::string path =
      folder_.Write("web.yaml", "tls_server_config: {cert: hunter2, key: hunter2}\n");
  const config::WebConfigCheck check = CheckWebConfig(path);
  ASSERT_EQ(check.errors.size(), 1u);
  EXPECT_THAT(check.errors[0], StartsWith("tls_server_config.cert: no usable certificate"));
  EXPECT_THAT(check.errors[0], testing::Not(HasSubstr("hunter2")));
}

// OpenSSL would ask for its password at the terminal.
TEST_F(WebAccessTest, AnEncryptedKeyIsNone) {
  const http_client::Certificate server = server_ca_.IssueForLoopback();
  folder_.Write("server.key", http_client::PemOf(server.key.get(), "secret"));
  folder_.Write("server.crt", http_client::PemOf(server.x509.get()));
  EXPECT_THAT(CheckWebConfig(folder_.Write("web.yaml", Tls())).errors,
              testing::ElementsAre(HasSubstr("server.key: no usable private key")));
}

// The suite that a client with these wishes gets; "": no connection.
std::string SuiteOf(int port, int version, const char* suites) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_set_security_level(context.get(), 0);
  if (SSL_CTX_set_cipher_list(context.get(), suites) != 1) return "no such suite";
  const RawClient connection(port);
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), connection.socket());
  return SSL_connect(ssl.get()) == 1 ? SSL_get_cipher_name(ssl.get()) : "";
}

TEST_F(WebAccessTest, WithoutRsaKeyExchangeAndCbcUnlessAskedFor) {
  const http_client::Certificate rsa = http_client::MakeSelfSigned(EVP_RSA_gen(2048));
  folder_.Write("server.key", http_client::PemOf(rsa.key.get()));
  folder_.Write("server.crt", http_client::PemOf(rsa.x509.get()));
  Start(Tls());
  const int port = server_->port();
  EXPECT_THAT(SuiteOf(port, TLS1_2_VERSION, "ALL"), StartsWith("ECDHE-RSA-"));
  for (const char* weak : {"AES128-GCM-SHA256", "AES256-SHA", "ECDHE-RSA-AES128-SHA",
                           "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256"}) {
    EXPECT_EQ(SuiteOf(port, TLS1_2_VERSION, weak), "") << weak;
  }
  EXPECT_EQ(SuiteOf(port, TLS1_1_VERSION, "ALL"), "");
  EXPECT_NE(SuiteOf(port, TLS1_3_VERSION, "ALL"), "");

  Start(
      Tls("  cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]"
          "\n"));
  EXPECT_EQ(SuiteOf(server_->port(), TLS1_2_VERSION, "AES128-GCM-SHA256"), "AES128-GCM-SHA256");
  EXPECT_EQ(SuiteOf(server_->port(), TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA"),
            "ECDHE-RSA-AES128-SHA");
  EXPECT_EQ(SuiteOf(server_->port(), TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384"), "");
}

TEST_F(WebAccessTest, WhatThisOpenSslLacksIsLeftOutWithAWarningUnlessNothingIsLeft) {
  const auto check = [this](const std::string& more) {
    return CheckWebConfig(folder_.Write("web.yaml", Tls(more)));
  };
  // Of Go 1.26; OpenSSL has it as of 3.5.
  const config::WebConfigCheck some = check("  curve_preferences: [SecP256r1MLKEM768, X25519]\n");
  const config::WebConfigCheck none = check("  curve_preferences: [SecP256r1MLKEM768]\n");
  EXPECT_THAT(some.errors, testing::IsEmpty());
  if (some.warnings.empty()) {
    EXPECT_THAT(none.errors, testing::IsEmpty()) << "this one has it";
  } else {
    EXPECT_THAT(some.warnings,
                testing::ElementsAre(
                    HasSubstr("SecP256r1MLKEM768 is left out: this OpenSSL does not have it")));
    EXPECT_THAT(none.errors,
                testing::ElementsAre(HasSubstr("none of curve_preferences can be used")));
  }
  EXPECT_THAT(
      check("  min_version: TLS10\n").warnings,
      testing::ElementsAre(HasSubstr("web.yaml:2:3: tls_server_config has the min_version")));
}

// Anybody gets a certificate of some authority in the world.
TEST_F(WebAccessTest, ACertificateOfAnyAuthorityShowsNothing) {
  const auto authenticates = [this](const std::string& more) {
    const auto access = WebAccess::Open(clock::SystemClock(), folder_.Write("web.yaml", Tls(more)));
    return access.ok() && (*access)->Current()->authenticates();
  };
  const std::string verify = "  client_auth_type: RequireAndVerifyClientCert\n";
  EXPECT_FALSE(authenticates(verify));
  EXPECT_TRUE(authenticates(verify + "  client_allowed_sans: [prometheus.contoso.example]\n"));
  EXPECT_TRUE(authenticates(verify + "  client_ca_file: client-ca.crt\n"));
  EXPECT_FALSE(
      authenticates("  client_auth_type: VerifyClientCertIfGiven\n"
                    "  client_ca_file: client-ca.crt\n"));
}

TEST_F(WebAccessTest, RequestsBeyondTheRateAreRefusedButThoseForHealth) {
  Start("rate_limit: {interval: 1h, burst: 2}\n");
  EXPECT_EQ(StatusOf(Client("http")->Get("/metrics")), 200);
  EXPECT_EQ(StatusOf(Client("http")->Get("/metrics")), 200);
  const auto refused = Client("http")->Get("/metrics");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_TRUE(refused->has_header("Retry-After"));
  EXPECT_EQ(StatusOf(Client("http")->Get("/-/healthy")), 200);
}

// 80 wrong log-ins at a time took the port once, and a prober would have had it restarted.
TEST_F(WebAccessTest, WrongLogInsDoNotKeepAProberWaiting) {
  Start("basic_auth_users:\n  alice: $2y$08$" + HashOfPassword("secret").substr(7) +
        "\n  prober: " + HashOfPassword("probe") + "\n");
  const std::string wrong =
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
      "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n\r\n";
  std::vector<std::unique_ptr<RawClient>> guessers;
  for (int i = 0; i < 80; ++i) {
    guessers.push_back(std::make_unique<RawClient>(server_->port()));
    guessers.back()->Send(wrong);
  }
  auto prober = Client("http");
  prober->set_basic_auth("prober", "probe");
  EXPECT_EQ(StatusOf(prober->Get("/-/healthy")), 200);
  EXPECT_EQ(StatusOf(Client("http")->Get("/-/healthy")), 401) << "at once, without hashing";
  EXPECT_LT(server_->counts().failed_log_ins, 80u) << "it was answered before the guessers";
  for (const auto& guesser : guessers) EXPECT_THAT(guesser->ReadAll(), StartsWith("HTTP/1.1 401"));
  EXPECT_EQ(server_->counts().failed_log_ins, 80u);
}

TEST_F(WebAccessTest, ChangedFilesAreReadAgainAndTheLastGoodIsKept) {
  const std::string path = folder_.Write("web.yaml", Users("alice", "one"));
  auto access = WebAccess::Open(clock::SystemClock(), path);
  ASSERT_TRUE(access.ok());
  (*access)->set_look_every(std::chrono::milliseconds(0));
  const auto user = [&] { return (*access)->Current()->config.users.begin()->first; };
  EXPECT_EQ(user(), "alice");
  folder_.Write("web.yaml", Users("bobby", "two"));
  EXPECT_EQ(user(), "bobby");
  EXPECT_EQ((*access)->problem(), "");
  folder_.Write("web.yaml", "basic_auth_users: [");
  EXPECT_EQ(user(), "bobby");
  EXPECT_THAT((*access)->problem(), HasSubstr("web.yaml:1:"));
  std::filesystem::remove(path);
  EXPECT_EQ(user(), "bobby") << "a file that is gone does not open the door";
  folder_.Write("web.yaml", Users("carol", "three"));
  EXPECT_EQ(user(), "carol");
  EXPECT_EQ((*access)->problem(), "");
}

TEST_F(WebAccessTest, ANewCertificateIsUsedAndABrokenOneIsNot) {
  const std::string path = folder_.Write("web.yaml", Tls());
  auto access = WebAccess::Open(clock::SystemClock(), path);
  ASSERT_TRUE(access.ok());
  (*access)->set_look_every(std::chrono::milliseconds(0));
  const TlsServer* first = (*access)->Current()->tls.get();
  EXPECT_EQ((*access)->Current()->tls.get(), first) << "nothing has changed";
  folder_.Write("server.crt", "half a certif");
  EXPECT_EQ((*access)->Current()->tls.get(), first);
  EXPECT_THAT((*access)->problem(), HasSubstr("server.crt: no usable certificate"));
  WriteServer(http_client::CertificateAuthority("new servers"));
  EXPECT_NE((*access)->Current()->tls.get(), first);
  EXPECT_EQ((*access)->problem(), "");
}

TEST_F(WebAccessTest, ManyClientsByTls) {
  Start(Tls() + Users("alice", "secret"));
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back([this, &good] {
      for (int k = 0; k < 5; ++k) {
        auto client = Client();
        client->set_basic_auth("alice", "secret");
        if (StatusOf(client->Get("/metrics")) == 200) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 30);
}

}  // namespace web_access_test
}  // namespace signinwatch::http
