#include "daemon/http_client/mail_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/daemon/http_client/mail_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http_client {
namespace mail_client_test {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class MailClientTest : public testing::Test {
 protected:
  MailClientTest() { folder_.Write("ca.pem", authority_.Pem()); }

  MailServerRules rules_;
  MailCall mail_{.from = "watch@contoso.example",
                 .to = {"soc@contoso.example", "desk@contoso.example"},
                 .message = "Subject: x\r\n\r\none\r\n.two\r\n",
                 .timeout = std::chrono::seconds(5)};
  const TemporaryFolder folder_;
  const CertificateAuthority authority_;

  // To a server with rules_.
  absl::StatusOr<MailReply> Send() {
    MailServer server(authority_.IssueForLoopback(), rules_);
    mail_.server = server.address();
    auto reply = NetworkMail()(folder_.Path("ca.pem"))->Send(mail_);
    mails_ = server.mails();
    commands_ = server.commands();
    return reply;
  }
  std::vector<TakenMail> mails_;
  std::vector<std::string> commands_;
};

TEST_F(MailClientTest, SendsAMailByTls) {
  for (const bool implicit : {false, true}) {
    rules_.implicit_tls = mail_.implicit_tls = implicit;
    const auto reply = Send();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->code, 250);
    ASSERT_EQ(mails_.size(), 1u);
    EXPECT_EQ(mails_[0].from, "watch@contoso.example");
    EXPECT_THAT(mails_[0].to, ElementsAre("soc@contoso.example", "desk@contoso.example"));
    EXPECT_EQ(mails_[0].data, mail_.message);
    EXPECT_THAT(commands_, Not(Contains("AUTH")));
  }
}

TEST_F(MailClientTest, LogsIn) {
  rules_.log_in = "AHVzZXIAcGFzcw==";
  mail_.username = "user";
  mail_.password = "pass";
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(mails_.size(), 1u);
  mail_.password = "other";
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()), Not(testing::HasSubstr("other")));
  EXPECT_THAT(mails_, IsEmpty());
}

TEST_F(MailClientTest, NothingIsSentInTheClear) {
  mail_.username = "user";
  mail_.password = "pass";
  rules_.starttls = false;
  EXPECT_TRUE(absl::IsFailedPrecondition(Send().status()));
  EXPECT_THAT(commands_, Not(Contains("AUTH")));
  EXPECT_THAT(commands_, Not(Contains("MAIL")));
  rules_.starttls = true;
  rules_.replies["STARTTLS"] = "454 not now";
  EXPECT_TRUE(absl::IsFailedPrecondition(Send().status()));
  EXPECT_THAT(commands_, Not(Contains("MAIL")));
}

TEST_F(MailClientTest, ChecksTheCertificate) {
  folder_.Write("ca.pem", CertificateAuthority("another").Pem());
  EXPECT_TRUE(absl::IsUnauthenticated(Send().status()));
  EXPECT_THAT(commands_, Not(Contains("MAIL")));
}

TEST_F(MailClientTest, TellsRefusalsApart) {
  const struct {
    const char* command;
    const char* reply;
    int code;
    bool of_message;
  } cases[] = {{"GREETING", "554 no", 554, false}, {"MAIL", "451 later", 451, true},
               {"MAIL", "550 no", 550, true},      {"RCPT", "550 no", 550, true},
               {"DATA", "452 full", 452, true},    {".", "554 no", 554, true},
               {".", "451 later", 451, true}};
  for (const auto& each : cases) {
    rules_.replies = {{each.command, each.reply}};
    const auto reply = Send();
    ASSERT_TRUE(reply.ok()) << each.command << reply.status();
    EXPECT_EQ(reply->code, each.code) << each.command;
    EXPECT_EQ(reply->of_message, each.of_message) << each.command;
  }
}

TEST_F(MailClientTest, SaysWhetherTheMailMayHaveBeenTaken) {
  rules_.replies = {{".", ""}};
  EXPECT_TRUE(absl::IsAborted(Send().status()));
  EXPECT_EQ(mails_.size(), 1u);
  rules_.replies = {{"MAIL", ""}};
  EXPECT_TRUE(absl::IsUnavailable(Send().status()));
  mail_.server = "127.0.0.1:1";
  const auto client = NetworkMail()("");
  EXPECT_TRUE(absl::IsUnavailable(client->Send(mail_).status()));
  client->Cancel();
  EXPECT_TRUE(absl::IsCancelled(client->Send(mail_).status()));
}

}  // namespace mail_client_test
}  // namespace signinwatch::http_client
