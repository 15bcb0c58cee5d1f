// The real rsyslog takes what the sink sends, by TLS with octet counting, and reads it as RFC 5424.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/daemon/http_client/certificates.h"
#include "tests/daemon/sinks/program.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"
#include "tests/eventually.h"

namespace signinwatch::sinks {
namespace syslog_program_test {

using testing::HasSubstr;

// Each message is a line of JSON, of the parts that rsyslog finds in it.
constexpr char kConfig[] = R"(
global(workDirectory="FOLDER" maxMessageSize="8k"
  defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="FOLDERca.pem"
  defaultNetstreamDriverCertFile="FOLDERcertificate.pem"
  defaultNetstreamDriverKeyFile="FOLDERkey.pem")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="PORT")
template(name="parts" type="list" option.jsonf="on") {
  property(outname="facility" name="syslogfacility" format="jsonf")
  property(outname="severity" name="syslogseverity" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="msgid" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}
action(type="omfile" file="FOLDERtaken.jsonl" template="parts")
)";

std::string With(std::string text, const std::string& name, const std::string& value) {
  for (size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size()) {
    text.replace(at, name.size(), value);
  }
  return text;
}

class SyslogProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    const http_client::Certificate certificate = authority_.IssueForLoopback();
    folder_.Write("ca.pem", authority_.Pem());
    folder_.Write("certificate.pem", http_client::PemOf(certificate.x509.get()));
    folder_.Write("key.pem", http_client::PemOf(certificate.key.get()));
    const std::string config = folder_.Write(
        "rsyslog.conf",
        With(With(kConfig, "FOLDER", folder_.Path("")), "PORT", std::to_string(port_)));
    rsyslog_ = std::make_unique<Program>(
        std::vector<std::string>{"rsyslogd", "-n", "-f", config, "-i", folder_.Path("pid")});
    ASSERT_TRUE(rsyslog_->started()) << "rsyslog is missing";
    ASSERT_TRUE(Eventually([this] { return Listens(port_); }))
        << "rsyslog does not listen: is rsyslog-gnutls installed?";
  }
  std::vector<nlohmann::json> Taken() {
    std::vector<nlohmann::json> taken;
    std::istringstream lines(ReadWholeFile(folder_.Path("taken.jsonl")));
    for (std::string line; std::getline(lines, line);) {
      taken.push_back(nlohmann::json::parse(line));
    }
    return taken;
  }

  const http_client::CertificateAuthority authority_;
  const TemporaryFolder folder_;
  const int port_ = FreePort();
  std::unique_ptr<Program> rsyslog_;
};

TEST_F(SyslogProgramTest, ReadsEachRevisionAsItWasMeant) {
  FakeParts world;
  config::SinkConfig config;
  config.name = "siem";
  config.type = "syslog";
  config.ca_file = folder_.Path("ca.pem");
  config.settings["server"] = "127.0.0.1:" + std::to_string(port_);
  SinkDriver driver(config, &world);
  driver.ticket.user_principal_name = R"(zo\u00eb"]\@contoso.example)";
  driver.Tell("open", 0, Severity::kMedium);
  driver.Tell("open", 0, Severity::kCritical);
  driver.Tell("resolved");
  ASSERT_TRUE(Eventually([this] { return Taken().size() >= 3; }));
  const std::vector<nlohmann::json> taken = Taken();
  ASSERT_EQ(taken.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(taken[i]["facility"], "13");
    EXPECT_EQ(taken[i]["severity"], i == 0 ? "4" : "2");
    EXPECT_EQ(taken[i]["app"], "signinwatch");
    const std::string data = taken[i]["data"];
    EXPECT_THAT(data,
                HasSubstr(std::string("[signinwatch@32473 ticket_id=\"") + words::kSampleTicket +
                          "\" revision=\"" + std::to_string(i + 1) + "\""));
    EXPECT_THAT(data, HasSubstr(i == 2 ? "state=\"resolved\"" : "state=\"open\""));
    EXPECT_THAT(data, HasSubstr(R"(\"\]\\@contoso.example")")) << "it is escaped";
    EXPECT_THAT(taken[i]["text"].get<std::string>(), HasSubstr("contoso.example"));
  }
}

}  // namespace syslog_program_test
}  // namespace signinwatch::sinks
