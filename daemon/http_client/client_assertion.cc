#include "daemon/http_client/client_assertion.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/json/json_string.h"

namespace signinwatch::http_client {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

// Of an encrypted key. By default OpenSSL would ask at the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return -1; }

Bio BioOf(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// What is left in OpenSSL's queue of errors would be taken for one of the thread's connections.
Certificate ReadCertificate(const std::string& pem) {
  Certificate read(PEM_read_bio_X509(BioOf(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return read;
}

Key ReadKey(const std::string& pem) {
  Key read(PEM_read_bio_PrivateKey(BioOf(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return read;
}

std::string Base64Url(std::span<const unsigned char> bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) text += kDigits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kDigits[(bits << (6 - count)) & 63];
  return text;
}

std::string Base64Url(std::string_view text) {
  return Base64Url(std::span(reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

std::string Thumbprint(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  // Fails only where SHA-256 is missing, or memory.
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) std::abort();
  return Base64Url(std::span(digest.data(), size));
}

std::string RandomId() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
  return Base64Url(bytes);
}

std::string JsonText(std::string_view text) {
  std::string json;
  json::AppendJsonString(text, &json);
  return json;
}

std::string ClaimsJson(const AssertionClaims& claims) {
  const int64_t now = claims.now.time_since_epoch().count();
  const int64_t end = now + std::chrono::seconds(kAssertionLifetime).count();
  const std::string client = JsonText(claims.client_id);
  return absl::StrCat("{\"aud\":", JsonText(claims.audience), ",\"iss\":", client,
                      ",\"sub\":", client, ",\"jti\":\"", RandomId(), "\",\"nbf\":", now,
                      ",\"iat\":", now, ",\"exp\":", end, "}");
}

// RSASSA-PSS with SHA-256. Empty: it failed.
std::string Sign(EVP_PKEY* key, const std::string& text) {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // the digest's
  if (EVP_DigestSignInit(digest.get(), &context, EVP_sha256(), nullptr, key) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1) {
    return {};
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  if (EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) != 1) return {};
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(digest.get(), signature.data(), &size, bytes, text.size()) != 1) return {};
  return Base64Url(std::span(signature.data(), size));
}

}  // namespace

absl::StatusOr<std::string> MakeClientAssertion(const AssertionClaims& claims,
                                                const std::string& certificate,
                                                const std::string& key) {
  const Certificate x509 = ReadCertificate(certificate);
  if (x509 == nullptr) {
    return absl::InvalidArgumentError("client_certificate holds no certificate in PEM");
  }
  const Key pkey = ReadKey(key);
  if (pkey == nullptr) {
    return absl::InvalidArgumentError(
        "client_key holds no private key in PEM that is not encrypted");
  }
  if (EVP_PKEY_get_base_id(pkey.get()) != EVP_PKEY_RSA) {
    return absl::InvalidArgumentError(
        "client_key is not an RSA key, the only kind that Entra accepts");
  }
  if (X509_check_private_key(x509.get(), pkey.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("client_key is not the key of client_certificate");
  }
  const std::string header =
      absl::StrCat(R"({"alg":"PS256","typ":"JWT","x5t#S256":")", Thumbprint(x509.get()), "\"}");
  std::string text = absl::StrCat(Base64Url(header), ".", Base64Url(ClaimsJson(claims)));
  const std::string signature = Sign(pkey.get(), text);
  if (signature.empty()) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "client_key can't sign with PS256: use an RSA key of 2048 "
        "bits or more");
  }
  return absl::StrCat(text, ".", signature);
}

absl::StatusOr<std::chrono::sys_seconds> CertificateExpiry(const std::string& certificate) {
  const Certificate x509 = ReadCertificate(certificate);
  std::tm end{};
  if (x509 == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(x509.get()), &end) != 1) {
    return absl::InvalidArgumentError("client_certificate holds no certificate in PEM");
  }
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&end)));
}

}  // namespace signinwatch::http_client
