#include "daemon/sinks/webhook/webhook_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>
#include <cstdlib>

namespace signinwatch::sinks {

std::string WebhookSignature(std::string_view secret, std::chrono::sys_seconds at,
                             std::string_view body) {
  std::string text = std::to_string(at.time_since_epoch().count());
  text.append(".").append(body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  // Only without memory, or where SHA-256 is missing: nothing is sent unsigned then.
  if (done == nullptr) std::abort();
  std::string signature = "v1=";
  for (unsigned i = 0; i < size; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", digest[i]);
    signature += hex;
  }
  return signature;
}

}  // namespace signinwatch::sinks
