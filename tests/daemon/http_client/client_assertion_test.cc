#include "daemon/http_client/client_assertion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/http_client/assertion_reader.h"

namespace signinwatch::http_client {
namespace client_assertion_test {

using testing::Eq;
using testing::HasSubstr;

class ClientAssertion : public testing::Test {
 protected:
  static absl::StatusOr<std::string> Make(const std::string& certificate, const std::string& key) {
    return MakeClientAssertion(
        {.client_id = "a\"pp",
         .audience = "https://login.example/t/oauth2/v2.0/token",
         .now = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000))},
        certificate, key);
  }
  static std::string ErrorOf(const std::string& certificate, const std::string& key) {
    return std::string(Make(certificate, key).status().message());
  }

  const Certificate mine_ = MakeSelfSigned(EVP_RSA_gen(2048));
  const std::string certificate_ = PemOf(mine_.x509.get());
  const std::string key_ = PemOf(mine_.key.get());
};

TEST_F(ClientAssertion, IsVerifiedByTheCertificate) {
  const auto jwt = Make(certificate_, key_);
  ASSERT_TRUE(jwt.ok()) << jwt.status();
  const ReadAssertion read = ReadClientAssertion(*jwt, mine_.x509.get());
  EXPECT_TRUE(read.verified);
  EXPECT_THAT(read.header,
              Eq(nlohmann::json{
                  {"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", ThumbprintOf(mine_.x509.get())}}));
  nlohmann::json claims = read.claims;
  EXPECT_GE(claims["jti"].get<std::string>().size(), 20u);
  claims.erase("jti");
  EXPECT_THAT(claims, Eq(nlohmann::json{{"aud", "https://login.example/t/oauth2/v2.0/token"},
                                        {"iss", "a\"pp"},
                                        {"sub", "a\"pp"},
                                        {"nbf", 1'700'000'000},
                                        {"iat", 1'700'000'000},
                                        {"exp", 1'700'000'600}}));

  const Certificate other = MakeSelfSigned(EVP_RSA_gen(2048));
  EXPECT_FALSE(ReadClientAssertion(*jwt, other.x509.get()).verified);
  std::string forged = *jwt;
  forged[forged.find('.') + 5] ^= 1;
  EXPECT_FALSE(ReadClientAssertion(forged, mine_.x509.get()).verified);
}

TEST_F(ClientAssertion, EachHasAnIdOfItsOwn) {
  const auto id = [this] {
    return ReadClientAssertion(*Make(certificate_, key_), mine_.x509.get()).claims["jti"];
  };
  EXPECT_NE(id(), id());
}

TEST_F(ClientAssertion, CertificateAndKeyMayBeInOneFile) {
  for (const std::string& both : {certificate_ + key_, key_ + certificate_}) {
    const auto jwt = Make(both, both);
    ASSERT_TRUE(jwt.ok()) << jwt.status();
    EXPECT_TRUE(ReadClientAssertion(*jwt, mine_.x509.get()).verified);
  }
}

TEST_F(ClientAssertion, SaysWhatIsWrongAndShowsNoKey) {
  const Certificate other = MakeSelfSigned(EVP_RSA_gen(2048));
  const Certificate elliptic = MakeSelfSigned(EVP_EC_gen("P-256"));
  EXPECT_THAT(ErrorOf("x", key_), HasSubstr("client_certificate holds no certificate"));
  EXPECT_THAT(ErrorOf(key_, key_), HasSubstr("client_certificate holds no certificate"));
  EXPECT_EQ(ErrorOf(certificate_, key_.substr(0, 300)),
            "client_key holds no private key in PEM that is not encrypted");
  EXPECT_EQ(ErrorOf(certificate_, PemOf(mine_.key.get(), "password")),
            "client_key holds no private key in PEM that is not encrypted");
  EXPECT_EQ(ErrorOf(certificate_, PemOf(other.key.get())),
            "client_key is not the key of client_certificate");
  EXPECT_THAT(ErrorOf(PemOf(elliptic.x509.get()), PemOf(elliptic.key.get())),
              HasSubstr("not an RSA key"));
}

TEST_F(ClientAssertion, CertificatesTellWhenTheyExpire) {
  const auto expiry = CertificateExpiry(key_ + certificate_);
  ASSERT_TRUE(expiry.ok());
  const auto left = *expiry - std::chrono::system_clock::now();
  EXPECT_LE(left, std::chrono::hours(24));
  EXPECT_GT(left, std::chrono::hours(23));
  EXPECT_FALSE(CertificateExpiry(key_).ok());
}

}  // namespace client_assertion_test
}  // namespace signinwatch::http_client
