// The real Postfix takes what the sink sends, by STARTTLS, and what arrived is read by Python's
// email package, whose parser is not ours: headers, both parts, the thread.
//
// Postfix wants to be root with users of its own. Who is not gets a user namespace, whose root they
// are (unshare of util-linux, newuidmap of the package uidmap).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/daemon/http_client/certificates.h"
#include "tests/daemon/sinks/program.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"
#include "tests/eventually.h"

namespace signinwatch::sinks {
namespace mail_program_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kMaster[] = R"(
127.0.0.1:PORT inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
)";

// Mail for contoso.example goes to the folder `mail`, whoever it is for.
constexpr char kMain[] = R"(
compatibility_level = 3.6
queue_directory = FOLDER/queue
data_directory = FOLDER/data
maillog_file = FOLDER/log
maillog_file_prefixes = /
myhostname = mail.contoso.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = contoso.example
virtual_mailbox_base = FOLDER
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = FOLDER/certificate.pem
smtpd_tls_key_file = FOLDER/key.pem
queue_run_delay = 1s
minimal_backoff_time = 1s
smtpd_recipient_restrictions = permit_mynetworks, reject
)";

std::string With(std::string text, const std::string& name, const std::string& value) {
  for (size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size()) {
    text.replace(at, name.size(), value);
  }
  return text;
}

class MailProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    const http_client::Certificate certificate = authority_.IssueForLoopback();
    folder_.Write("ca.pem", authority_.Pem());
    folder_.Write("certificate.pem", http_client::PemOf(certificate.x509.get()));
    folder_.Write("key.pem", http_client::PemOf(certificate.key.get()));
    for (const char* name : {"etc", "queue", "data", "mail", "mail/new", "mail/cur", "mail/tmp"}) {
      std::filesystem::create_directory(folder_.Path(name));
    }
    folder_.Write("etc/main.cf", With(kMain, "FOLDER", folder_.Path("")));
    folder_.Write("etc/master.cf", With(kMaster, "PORT", std::to_string(port_)));
    folder_.Write("run", With(kRun, "FOLDER", folder_.Path("")));
    std::vector<std::string> words{"sh", folder_.Path("run")};
    if (::geteuid() != 0) {
      words.insert(words.begin(), {"unshare", "--user", "--map-root-user", "--map-auto",
                                   "--kill-child", "--fork"});
    }
    postfix_ = std::make_unique<Program>(words);
    ASSERT_TRUE(Eventually([this] { return Listens(port_); }))
        << "Postfix does not listen: is it installed (and uidmap, where this is not root)?";
  }
  void TearDown() override {
    folder_.Write("stop", "");
    if (postfix_) (void)postfix_->Wait();
  }

  // So many mails, by their revision.
  nlohmann::json Await(size_t count) {
    nlohmann::json mails;
    EXPECT_TRUE(Eventually([&] {
      const std::string out = folder_.Path("mails.json");
      Program reader({"python3", "-B",
                      SIGNINWATCH_SOURCE_DIR "/tests/daemon/sinks/smtp/read_mails.py",
                      folder_.Path("mail/new"), out});
      if (reader.Wait() != 0) return false;
      mails = nlohmann::json::parse(ReadWholeFile(out));
      return mails.size() >= count;
    }));
    return mails;
  }

  // Until the test says to stop, or is gone. The data folder and the mail belong to Postfix's
  // users.
  static constexpr char kRun[] = R"(
chmod 755 FOLDER
chown postfix FOLDER/data
chmod -R 777 FOLDER/mail
postfix -c FOLDER/etc start >FOLDER/out 2>&1 || exit 1
while [ -d /proc/$PPID ] && [ ! -e FOLDER/stop ]; do sleep 0.1; done
postfix -c FOLDER/etc stop >/dev/null 2>&1
chmod -R a+rwX FOLDER 2>/dev/null
chown -R 0:0 FOLDER 2>/dev/null
)";

  const http_client::CertificateAuthority authority_;
  const TemporaryFolder folder_;
  const int port_ = FreePort();
  std::unique_ptr<Program> postfix_;
};

TEST_F(MailProgramTest, ATicketIsAThreadOfMailsThatOthersCanRead) {
  FakeParts world;
  world.make_mail = http_client::NetworkMail();
  config::SinkConfig config;
  config.name = "mail";
  config.type = "smtp";
  config.ca_file = folder_.Path("ca.pem");
  config.settings["server"] = "127.0.0.1:" + std::to_string(port_);
  config.settings["from"] = std::string("watch@contoso.example");
  config.settings["to"] = std::vector<std::string>{"soc@contoso.example", "desk@contoso.example"};
  SinkDriver driver(config, &world);
  driver.ticket.user_principal_name = "zo\u00eb<b>@contoso.example\r\nBcc: eve@contoso.example";
  driver.Tell("open");
  driver.Tell("resolved");
  EXPECT_EQ(driver.Remote().error, "");

  // Each to both.
  const nlohmann::json mails = Await(4);
  ASSERT_EQ(mails.size(), 4u);
  const std::string id = words::kSampleTicket;
  for (size_t i = 0; i < 4; ++i) {
    const nlohmann::json& mail = mails[i];
    const std::string revision = std::to_string(1 + i / 2);
    EXPECT_EQ(mail["headers"]["Message-ID"], "<" + id + "." + revision + "@contoso.example>");
    EXPECT_EQ(mail["headers"]["In-Reply-To"], "<" + id + "@contoso.example>");
    EXPECT_EQ(mail["headers"]["References"], "<" + id + "@contoso.example>");
    EXPECT_EQ(mail["headers"]["Auto-Submitted"], "auto-generated");
    EXPECT_EQ(mail["headers"]["To"], "soc@contoso.example, desk@contoso.example");
    EXPECT_FALSE(mail["headers"].contains("Bcc"));
    EXPECT_THAT(mail["headers"]["Subject"].get<std::string>(), HasSubstr("zo\u00eb<b>@contoso"));
    EXPECT_EQ(mail["types"], nlohmann::json({"multipart/alternative", "text/plain", "text/html"}));
    EXPECT_EQ(mail["defects"], nlohmann::json::array());
    EXPECT_LE(mail["longest_line"].get<int>(), 998);
    const std::string plain = mail["plain"];
    EXPECT_THAT(plain, AllOf(HasSubstr("zo\u00eb<b>@contoso.example"),
                             HasSubstr("Reference: " + id + "/" + revision)));
    const std::string html = mail["html"];
    EXPECT_THAT(html, AllOf(HasSubstr("zo\u00eb&lt;b&gt;@contoso.example"),
                            HasSubstr(id + "/" + revision), Not(HasSubstr("<script"))));
  }
  EXPECT_EQ(mails[0]["plain"], mails[1]["plain"]);
}

}  // namespace mail_program_test
}  // namespace signinwatch::sinks
