#include "tests/daemon/http_client/assertion_reader.h"

#include <memory>
#include <vector>

namespace signinwatch::http_client {
namespace {

// By OpenSSL's own Base64, unlike the program.
std::string FromBase64Url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

bool IsSignedBy(EVP_PKEY* key, const std::string& text, const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       EVP_MD_CTX_free);
  EVP_PKEY_CTX* context = nullptr;
  return EVP_DigestVerifyInit(digest.get(), &context, EVP_sha256(), nullptr, key) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1 &&
         EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

}  // namespace

ReadAssertion ReadClientAssertion(const std::string& jwt, X509* certificate) {
  ReadAssertion read;
  const size_t first = jwt.find('.');
  const size_t second = jwt.find('.', first + 1);
  if (second == std::string::npos || jwt.find('=') != std::string::npos) return read;
  read.header = nlohmann::json::parse(FromBase64Url(jwt.substr(0, first)), nullptr, false);
  read.claims = nlohmann::json::parse(FromBase64Url(jwt.substr(first + 1, second - first - 1)),
                                      nullptr, false);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(X509_get_pubkey(certificate),
                                                                EVP_PKEY_free);
  read.verified =
      IsSignedBy(key.get(), jwt.substr(0, second), FromBase64Url(jwt.substr(second + 1)));
  return read;
}

std::string ThumbprintOf(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  std::vector<unsigned char> text(size * 2);
  EVP_EncodeBlock(text.data(), digest, static_cast<int>(size));
  std::string thumbprint(reinterpret_cast<char*>(text.data()));
  for (char& c : thumbprint) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return thumbprint.substr(0, thumbprint.find('='));
}

}  // namespace signinwatch::http_client
