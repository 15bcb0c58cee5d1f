#include "tests/daemon/http_client/certificates.h"

namespace signinwatch::http_client {
namespace {

void AddExtension(X509* x509, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
}

// Takes the key.
Certificate MakeUnsigned(const char* name, long serial, EVP_PKEY* key = EVP_EC_gen("P-256")) {
  Certificate made{{key, EVP_PKEY_free}, {X509_new(), X509_free}};
  X509* x509 = made.x509.get();
  X509_set_version(x509, 2);  // 3, counted from 0
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 24L * 3600);
  X509_set_pubkey(x509, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  return made;
}

template <typename Write>
std::string Written(Write write) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  write(bio.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

void SignBy(const Certificate& issuer, X509* x509) {
  X509_set_issuer_name(x509, X509_get_subject_name(issuer.x509.get()));
  X509_sign(x509, issuer.key.get(), EVP_sha256());
}

}  // namespace

CertificateAuthority::CertificateAuthority(const char* name) : self_(MakeUnsigned(name, 1)) {
  X509* x509 = self_.x509.get();
  AddExtension(x509, x509, NID_basic_constraints, "critical,CA:TRUE");
  SignBy(self_, x509);
}

Certificate CertificateAuthority::IssueForLoopback() const {
  Certificate issued = MakeUnsigned("server of a test", 2);
  AddExtension(issued.x509.get(), self_.x509.get(), NID_subject_alt_name, "IP:127.0.0.1");
  SignBy(self_, issued.x509.get());
  return issued;
}

std::string CertificateAuthority::Pem() const { return PemOf(self_.x509.get()); }

Certificate MakeSelfSigned(EVP_PKEY* key) {
  Certificate made = MakeUnsigned("client of a test", 3, key);
  SignBy(made, made.x509.get());
  return made;
}

std::string PemOf(X509* certificate) {
  return Written([certificate](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

std::string PemOf(EVP_PKEY* key, const char* password) {
  return Written([key, password](BIO* bio) {
    PEM_write_bio_PrivateKey(bio, key, password == nullptr ? nullptr : EVP_aes_128_cbc(), nullptr,
                             0, nullptr, const_cast<char*>(password));
  });
}

}  // namespace signinwatch::http_client
