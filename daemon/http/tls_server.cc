#include "daemon/http/tls_server.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace signinwatch {
namespace {

// OpenSSL's reason for its oldest error, which is the cause of those after it.
std::string Reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "it is not readable" : reason;
}

absl::Status FileError(const std::string& path, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": no usable ", std::string(what), ": ", Reason()));
}

int VersionOf(const std::string& name) { return name == "TLS13" ? TLS1_3_VERSION : TLS1_2_VERSION; }

// Go's names of TLS 1.2's suites as OpenSSL has them; those of 1.3 are left out.
std::string CipherList(const std::vector<std::string>& suites) {
  static const std::map<std::string_view, const char*> names{
      {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
      {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"}};
  std::string list;
  for (const std::string& suite : suites) {
    const auto found = names.find(suite);
    if (found != names.end()) absl::StrAppend(&list, list.empty() ? "" : ":", found->second);
  }
  return list;
}

std::string CurveList(const std::vector<std::string>& curves) {
  static const std::map<std::string_view, const char*> names{
      {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};
  std::string list;
  for (const std::string& curve : curves) {
    absl::StrAppend(&list, list.empty() ? "" : ":", names.at(curve));
  }
  return list;
}

// The names of a certificate that client_allowed_sans is compared with.
std::vector<std::string> SubjectNames(X509* certificate) {
  std::vector<std::string> found;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_IPADD) {
      const ASN1_OCTET_STRING* bytes = name->d.iPAddress;
      char text[INET6_ADDRSTRLEN] = {};
      const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
      if (::inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof(text)) != nullptr) {
        found.emplace_back(text);
      }
    } else if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
      const ASN1_IA5STRING* text = name->d.ia5;
      found.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                         static_cast<size_t>(ASN1_STRING_length(text)));
    }
  }
  GENERAL_NAMES_free(names);
  return found;
}

}  // namespace

class TlsServer::Context {
 public:
  Context() : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {}
  [[nodiscard]] absl::Status Load(const WebTls& config);
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

 private:
  [[nodiscard]] absl::Status LoadClientAuth(const WebTls& config);
  static int CheckName(int verified, X509_STORE_CTX* store);
  static int TakeAny(int, X509_STORE_CTX*) { return 1; }

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::vector<std::string> allowed_names_;
};

absl::Status TlsServer::Context::Load(const WebTls& config) {
  if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for TLS");
  ERR_clear_error();
  SSL_CTX* const context = get();
  SSL_CTX_set_min_proto_version(context, VersionOf(config.min_version));
  SSL_CTX_set_max_proto_version(context, VersionOf(config.max_version));
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (config.prefer_server_cipher_suites) {
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A connection is of one request, from programs that come again in some seconds: nothing to
  // resume, and a ticket would outlive a change of who may connect.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  const std::string ciphers = CipherList(config.cipher_suites);
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1) {
    return absl::InvalidArgumentError("none of cipher_suites can be used: " + Reason());
  }
  const std::string curves = CurveList(config.curve_preferences);
  if (!curves.empty() && SSL_CTX_set1_groups_list(context, curves.c_str()) != 1) {
    return absl::InvalidArgumentError("curve_preferences can't be used: " + Reason());
  }
  if (SSL_CTX_use_certificate_chain_file(context, config.cert_file.c_str()) != 1) {
    return FileError(config.cert_file, "certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context, config.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return FileError(config.key_file, "private key of that certificate");
  }
  return LoadClientAuth(config);
}

absl::Status TlsServer::Context::LoadClientAuth(const WebTls& config) {
  allowed_names_ = config.client_allowed_sans;
  if (!config.client_ca_file.empty()) {
    if (SSL_CTX_load_verify_locations(get(), config.client_ca_file.c_str(), nullptr) != 1) {
      return FileError(config.client_ca_file, "certificates");
    }
    SSL_CTX_set_client_CA_list(get(), SSL_load_client_CA_file(config.client_ca_file.c_str()));
  }
  SSL_CTX_set_app_data(get(), this);
  switch (config.client_auth) {
    case ClientAuth::kNoClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_NONE, nullptr);
      break;
    case ClientAuth::kRequestClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER, TakeAny);
      break;
    case ClientAuth::kRequireAnyClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, TakeAny);
      break;
    case ClientAuth::kVerifyClientCertIfGiven:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER, CheckName);
      break;
    case ClientAuth::kRequireAndVerifyClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, CheckName);
      break;
  }
  return absl::OkStatus();
}

// After OpenSSL's own checks: of the client's certificate itself, whether it is one of the allowed.
int TlsServer::Context::CheckName(int verified, X509_STORE_CTX* store) {
  if (verified != 1 || X509_STORE_CTX_get_error_depth(store) != 0) return verified;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* self = static_cast<const Context*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::vector<std::string>& allowed = self->allowed_names_;
  if (allowed.empty()) return 1;
  for (const std::string& name : SubjectNames(X509_STORE_CTX_get_current_cert(store))) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

namespace {

constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 49\r\n"
    "Connection: close\r\n\r\nthis is an HTTPS server: ask again with https://\n";

// Errors of OpenSSL are in a queue of the thread, and each call looks at it: it is emptied before.
// The common name of its subject; all of the subject where it has none.
std::string NameOf(const X509& certificate) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) {
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size > 0) {
      std::string name(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
      OPENSSL_free(text);
      return name;
    }
    OPENSSL_free(text);
  }
  char line[256];
  return X509_NAME_oneline(subject, line, sizeof(line)) == nullptr ? std::string() : line;
}

class TlsTransport : public Transport {
 public:
  TlsTransport(SSL_CTX* context, std::shared_ptr<const void> owner, int socket)
      : owner_(std::move(owner)), ssl_(SSL_new(context), SSL_free), socket_(socket) {
    if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), socket) != 1) {
      ssl_.reset();
      return;
    }
    SSL_set_accept_state(ssl_.get());
  }

  Result Read(char* bytes, size_t size) override {
    size_t read = 0;
    return Outcome([&] { return SSL_read_ex(ssl_.get(), bytes, size, &read); }, read);
  }
  Result Write(const char* bytes, size_t size) override {
    size_t written = 0;
    return Outcome([&] { return SSL_write_ex(ssl_.get(), bytes, size, &written); }, written);
  }
  void Finish() override {
    if (ssl_ == nullptr || broken_ || !SSL_is_init_finished(ssl_.get())) return;
    ERR_clear_error();
    (void)SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  std::string peer() const override {
    if (ssl_ == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl_.get()),
                                                             X509_free);
    return certificate == nullptr ? std::string() : NameOf(*certificate);
  }

 private:
  template <typename Call>
  Result Outcome(Call call, const size_t& bytes) {
    if (ssl_ == nullptr || broken_) return {};
    ERR_clear_error();
    const int result = call();
    if (result == 1) return {static_cast<ssize_t>(bytes), 0};
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {-1, POLLIN};
      case SSL_ERROR_WANT_WRITE:
        return {-1, POLLOUT};
      case SSL_ERROR_ZERO_RETURN:
        return {0, 0};
      default:
        broken_ = true;
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
          (void)::send(socket_, kPlainHttpAnswer.data(), kPlainHttpAnswer.size(),
                       MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        ERR_clear_error();
        return {};
    }
  }

  const std::shared_ptr<const void> owner_;  // of the context
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  const int socket_;
  bool broken_ = false;
};

}  // namespace

TlsServer::TlsServer(std::shared_ptr<Context> context) : context_(std::move(context)) {}
TlsServer::~TlsServer() = default;

absl::StatusOr<std::unique_ptr<TlsServer>> TlsServer::Make(const WebTls& config) {
  auto context = std::make_shared<Context>();
  if (absl::Status status = context->Load(config); !status.ok()) return status;
  return std::unique_ptr<TlsServer>(new TlsServer(std::move(context)));
}

std::unique_ptr<Transport> TlsServer::Accept(int socket) const {
  return std::make_unique<TlsTransport>(context_->get(), context_, socket);
}

}  // namespace signinwatch
