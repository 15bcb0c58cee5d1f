#include "daemon/http/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace signinwatch::http {
namespace {

constexpr size_t kFileBytesMax = size_t{1} << 20;

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

Bio BioOf(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

// Instead of OpenSSL's own, which asks at the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

absl::Status PemText::Error(std::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", std::string(what)));
}

absl::StatusOr<PemText> ReadPem(const config::WebPem& pem, const char* key) {
  if (pem.file.empty()) {
    return PemText{.name = absl::StrCat("tls_server_config.", key), .text = pem.text};
  }
  PemText read{.name = pem.file, .text = std::string(kFileBytesMax + 1, '\0')};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(pem.file.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return read.Error(std::strerror(errno));
  read.text.resize(std::fread(read.text.data(), 1, read.text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return read.Error(std::strerror(errno));
  if (read.text.size() > kFileBytesMax) return read.Error("too large, allowed: up to 1MiB");
  return read;
}

std::vector<Certificate509> CertificatesIn(const std::string& text) {
  std::vector<Certificate509> all;
  const Bio bio = BioOf(text);
  ERR_clear_error();
  while (X509* one = PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassword, nullptr)) {
    all.emplace_back(one);
  }
  // The end is an error of its own: there is no further beginning.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    all.clear();
  } else if (!all.empty()) {
    ERR_clear_error();
  }
  return all;
}

PrivateKey PrivateKeyIn(const std::string& text) {
  const Bio bio = BioOf(text);
  return PrivateKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
}

}  // namespace signinwatch::http
