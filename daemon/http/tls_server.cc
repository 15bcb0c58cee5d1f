#include "daemon/http/tls_server.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/http/pem.h"

namespace signinwatch::http {
namespace {

// OpenSSL's reason for its oldest error, which is the cause of those after it.
std::string Reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "it is not readable" : reason;
}

int VersionOf(const std::string& name) { return name == "TLS13" ? TLS1_3_VERSION : TLS1_2_VERSION; }

// Forward secrecy and authenticated encryption, as Go's own list has it. A server that is asked for
// RSA key exchange or CBC can be made to reveal what it received (ROBOT, Lucky Thirteen).
constexpr const char* kSuites = "ECDHE+AESGCM:ECDHE+CHACHA20";

// Go's names of TLS 1.2's suites as OpenSSL has them; nullptr: one of 1.3.
const char* SuiteName(const std::string& suite) {
  static const std::map<std::string_view, const char*> names{
      {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
      {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
      {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
      {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
      {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"},
      {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
      {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"}};
  const auto found = names.find(suite);
  return found == names.end() ? nullptr : found->second;
}

// OpenSSL's name; those that it has as Go has them stay.
std::string CurveName(const std::string& curve) {
  static const std::map<std::string_view, const char*> names{
      {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}};
  const auto found = names.find(curve);
  return found == names.end() ? curve : found->second;
}

void Append(std::string* list, const std::string& name) {
  absl::StrAppend(list, list->empty() ? "" : ":", name);
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
  Context() : context_(SSL_CTX_new(TLS_server_method())) {}  // throws without memory
  [[nodiscard]] absl::Status Load(const config::WebTls& config, std::vector<std::string>* warnings);
  [[nodiscard]] SSL_CTX* get() { return context_.native_handle(); }
  [[nodiscard]] boost::asio::ssl::context& asio() { return context_; }

 private:
  [[nodiscard]] absl::Status SetSuites(const config::WebTls& config,
                                       std::vector<std::string>* warnings);
  [[nodiscard]] absl::Status SetCurves(const config::WebTls& config,
                                       std::vector<std::string>* warnings);
  [[nodiscard]] absl::Status LoadCertificate(const config::WebPem& cert, const config::WebPem& key);
  [[nodiscard]] absl::Status LoadClientAuth(const config::WebTls& config);
  [[nodiscard]] absl::Status LoadClientAuthorities(const config::WebPem& pem);
  static int CheckName(int verified, X509_STORE_CTX* store);
  static int CheckNameAlone(int, X509_STORE_CTX* store) { return CheckName(1, store); }
  static int TakeAny(int, X509_STORE_CTX*) { return 1; }
  // Not the application's data of OpenSSL: Asio's context deletes what is there as its own.
  static int SelfIndex() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
  }

  boost::asio::ssl::context context_;
  std::optional<std::vector<std::string>> allowed_names_;
};

absl::Status TlsServer::Context::Load(const config::WebTls& config,
                                      std::vector<std::string>* warnings) {
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
  if (absl::Status status = SetSuites(config, warnings); !status.ok()) return status;
  if (absl::Status status = SetCurves(config, warnings); !status.ok()) return status;
  if (absl::Status status = LoadCertificate(config.cert, config.key); !status.ok()) return status;
  return LoadClientAuth(config);
}

absl::Status TlsServer::Context::SetSuites(const config::WebTls& config,
                                           std::vector<std::string>* warnings) {
  std::string list;
  bool asked = false;
  for (const std::string& suite : config.cipher_suites) {
    const char* name = SuiteName(suite);
    if (name == nullptr) continue;  // of 1.3: has no say, in Go either
    asked = true;
    if (SSL_CTX_set_cipher_list(get(), name) == 1) {
      Append(&list, name);
    } else {
      warnings->push_back("cipher_suites: " + suite +
                          " is left out: this OpenSSL does not have it");
    }
  }
  ERR_clear_error();
  if (!asked) list = kSuites;
  if (list.empty() && config.max_version == "TLS13") {
    SSL_CTX_set_min_proto_version(get(), TLS1_3_VERSION);
    return absl::OkStatus();
  }
  if (SSL_CTX_set_cipher_list(get(), list.c_str()) == 1) return absl::OkStatus();
  return absl::InvalidArgumentError("none of cipher_suites can be used: " + Reason());
}

absl::Status TlsServer::Context::SetCurves(const config::WebTls& config,
                                           std::vector<std::string>* warnings) {
  if (config.curve_preferences.empty()) return absl::OkStatus();
  std::string list;
  for (const std::string& curve : config.curve_preferences) {
    const std::string name = CurveName(curve);
    if (SSL_CTX_set1_groups_list(get(), name.c_str()) == 1) {
      Append(&list, name);
    } else {
      warnings->push_back("curve_preferences: " + curve +
                          " is left out: this OpenSSL does not have it");
    }
  }
  ERR_clear_error();
  if (!list.empty() && SSL_CTX_set1_groups_list(get(), list.c_str()) == 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("none of curve_preferences can be used: " + Reason());
}

absl::Status TlsServer::Context::LoadCertificate(const config::WebPem& cert,
                                                 const config::WebPem& key) {
  absl::StatusOr<PemText> chain = ReadPem(cert, "cert");
  if (!chain.ok()) return chain.status();
  const std::vector<Certificate509> certificates = CertificatesIn(chain->text);
  if (certificates.empty() || SSL_CTX_use_certificate(get(), certificates.front().get()) != 1) {
    return chain->Error("no usable certificate: " + Reason());
  }
  for (size_t i = 1; i < certificates.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(get(), certificates[i].get()) != 1) {
      return chain->Error("no usable chain of certificates: " + Reason());
    }
  }
  absl::StatusOr<PemText> key_text = ReadPem(key, "key");
  if (!key_text.ok()) return key_text.status();
  ERR_clear_error();
  const PrivateKey made = PrivateKeyIn(key_text->text);
  if (made == nullptr || SSL_CTX_use_PrivateKey(get(), made.get()) != 1) {
    return key_text->Error("no usable private key of that certificate: " + Reason());
  }
  return absl::OkStatus();
}

absl::Status TlsServer::Context::LoadClientAuthorities(const config::WebPem& pem) {
  absl::StatusOr<PemText> text = ReadPem(pem, "client_ca");
  if (!text.ok()) return text.status();
  const std::vector<Certificate509> authorities = CertificatesIn(text->text);
  X509_STORE* const store = SSL_CTX_get_cert_store(get());
  for (const Certificate509& authority : authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(get(), authority.get()) != 1) {
      return text->Error("no usable certificates: " + Reason());
    }
  }
  return authorities.empty() ? text->Error("no usable certificates: " + Reason())
                             : absl::OkStatus();
}

absl::Status TlsServer::Context::LoadClientAuth(const config::WebTls& config) {
  allowed_names_ = config.client_allowed_sans;
  if (!config.client_ca.empty()) {
    if (absl::Status status = LoadClientAuthorities(config.client_ca); !status.ok()) return status;
  } else if (config.verifies()) {
    SSL_CTX_set_default_verify_paths(get());  // as Go does
  }
  SSL_CTX_set_ex_data(get(), SelfIndex(), this);
  switch (config.client_auth) {
    case config::ClientAuth::kNoClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_NONE, nullptr);
      break;
    case config::ClientAuth::kRequestClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER, TakeAny);
      break;
    case config::ClientAuth::kRequireAnyClientCert:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         allowed_names_ ? CheckNameAlone : TakeAny);
      break;
    case config::ClientAuth::kVerifyClientCertIfGiven:
      SSL_CTX_set_verify(get(), SSL_VERIFY_PEER, CheckName);
      break;
    case config::ClientAuth::kRequireAndVerifyClientCert:
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
  const auto* self =
      static_cast<const Context*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), SelfIndex()));
  if (!self->allowed_names_) return 1;
  const std::vector<std::string>& allowed = *self->allowed_names_;
  for (const std::string& name : SubjectNames(X509_STORE_CTX_get_current_cert(store))) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

namespace {

// The common name of its subject; where it has none, all of the subject, else its first other name.
std::string NameOf(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
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
  if (X509_NAME_entry_count(subject) > 0 &&
      X509_NAME_oneline(subject, line, sizeof(line)) != nullptr) {
    return line;
  }
  const std::vector<std::string> others = SubjectNames(certificate);
  return others.empty() ? "a certificate without a name" : others.front();
}

}  // namespace

std::string CertifiedName(SSL* ssl) {
  if (SSL_get_verify_result(ssl) != X509_V_OK) return {};
  const Certificate509 certificate(SSL_get1_peer_certificate(ssl));
  return certificate == nullptr ? std::string() : NameOf(certificate.get());
}

TlsServer::TlsServer(std::unique_ptr<Context> context) : context_(std::move(context)) {}
TlsServer::~TlsServer() = default;

absl::StatusOr<std::unique_ptr<TlsServer>> TlsServer::Make(const config::WebTls& config,
                                                           std::vector<std::string>* warnings) {
  auto context = std::make_unique<Context>();
  if (absl::Status status = context->Load(config, warnings); !status.ok()) return status;
  return std::unique_ptr<TlsServer>(new TlsServer(std::move(context)));
}

boost::asio::ssl::context& TlsServer::context() const { return context_->asio(); }

}  // namespace signinwatch::http
