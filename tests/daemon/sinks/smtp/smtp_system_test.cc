#include "daemon/sinks/smtp/smtp_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/http_client/mail_server.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace smtp_system_test {

using testing::HasSubstr;
using testing::SizeIs;
using Kind = Answer::Kind;

TEST(JudgeMail, TellsTheSinkFromTheTicket) {
  const struct {
    absl::StatusOr<http_client::MailReply> reply;
    Kind kind;
    bool sink_down;
    const char* reason;
  } cases[] = {
      {http_client::MailReply{250, true}, Kind::kDone, false, ""},
      {http_client::MailReply{451, true}, Kind::kNotDone, false, "server"},
      {http_client::MailReply{421, true}, Kind::kNotDone, true, "server"},
      {http_client::MailReply{550, true}, Kind::kRefused, false, "client"},
      {http_client::MailReply{554, false}, Kind::kNotDone, true, "server"},
      {http_client::MailReply{530, true}, Kind::kNotDone, true, "auth"},
      {http_client::MailReply{535, false}, Kind::kNotDone, true, "auth"},
      {absl::UnavailableError("x"), Kind::kNotDone, true, "connection"},
      {absl::UnauthenticatedError("x"), Kind::kNotDone, true, "configuration"},
      {absl::FailedPreconditionError("x"), Kind::kNotDone, true, "configuration"},
      {absl::PermissionDeniedError("x"), Kind::kNotDone, true, "auth"},
      {absl::AbortedError("x"), Kind::kUnknown, false, "connection"},
      {absl::DeadlineExceededError("x"), Kind::kUnknown, false, "timeout"},
      {absl::CancelledError("x"), Kind::kUnknown, false, "connection"},
  };
  for (const auto& each : cases) {
    const Answer answer = JudgeMail(each.reply);
    EXPECT_EQ(answer.kind, each.kind) << each.reply.status();
    EXPECT_EQ(answer.sink_down, each.sink_down) << each.reply.status();
    EXPECT_EQ(answer.reason, each.reason) << each.reply.status();
  }
}

config::SinkConfig Config() {
  config::SinkConfig config;
  config.name = "mail";
  config.type = "smtp";
  config.settings["server"] = std::string("mail.contoso.example:587");
  config.settings["from"] = std::string("watch@contoso.example");
  config.settings["to"] = std::vector<std::string>{"soc@contoso.example"};
  return config;
}

std::string MessageIdOf(const std::string& message) {
  const size_t at = message.find("Message-ID: ");
  return message.substr(at, message.find("\r\n", at) - at);
}

TEST(SmtpSystem, TellsWhatMatters) {
  FakeParts world;
  SinkDriver driver(Config(), &world);
  driver.Tell("open", 0, Severity::kMedium);
  driver.Tell("open", 0, Severity::kMedium);
  EXPECT_THAT(world.mails, SizeIs(1));
  driver.Tell("open", 0, Severity::kHigh);
  EXPECT_THAT(world.mails, SizeIs(2));
  driver.Tell("resolved", 0, Severity::kHigh);
  driver.Restart();
  driver.Tell("resolved", 0, Severity::kHigh);
  EXPECT_THAT(world.mails, SizeIs(3));
  driver.Tell("open", 1, Severity::kHigh);
  driver.Tell("merged", 1, Severity::kHigh);
  ASSERT_THAT(world.mails, SizeIs(5));
  EXPECT_THAT(world.mails[4].message,
              HasSubstr("Merged into: 00000000-0000-5000-8000-00000000000a"));
  EXPECT_EQ(world.mails[0].server, "mail.contoso.example:587");
  EXPECT_FALSE(world.mails[0].implicit_tls);
}

TEST(SmtpSystem, AMailWhoseAnswerWasLostIsSentAgainAsItWas) {
  FakeParts world;
  int calls = 0;
  world.mail_answer = [&](const http_client::MailCall&) -> absl::StatusOr<http_client::MailReply> {
    if (++calls == 1) return absl::AbortedError("reset");
    if (calls == 2) return http_client::MailReply{451, true};
    return http_client::MailReply{250, true};
  };
  SinkDriver driver(Config(), &world);
  driver.Tell("open");
  ASSERT_THAT(world.mails, SizeIs(3));
  EXPECT_EQ(world.mails[0].message, world.mails[1].message);
  EXPECT_EQ(world.mails[0].message, world.mails[2].message);
}

TEST(SmtpSystem, AMailBehindWhichTheProcessIsKilledIsSentAgainAsItWas) {
  struct Kill {};
  FakeParts world;
  world.mail_answer = [](const http_client::MailCall&) -> http_client::MailReply { throw Kill(); };
  SinkDriver driver(Config(), &world);
  driver.Add(driver.Next("open"));
  EXPECT_THROW(driver.Step(), Kill);
  world.mail_answer = [](const http_client::MailCall&) {
    return http_client::MailReply{250, true};
  };
  driver.Restart();
  driver.Run();
  ASSERT_THAT(world.mails, SizeIs(2));
  EXPECT_EQ(world.mails[0].message, world.mails[1].message);
}

TEST(SmtpSystem, ARefusedMailIsGivenUpAndTheNextIsTried) {
  FakeParts world;
  world.mail_answer = [](const http_client::MailCall&) {
    return http_client::MailReply{550, true};
  };
  SinkDriver driver(Config(), &world);
  driver.Tell("open");
  EXPECT_THAT(world.mails, SizeIs(1));
  EXPECT_EQ(driver.Remote().error, "SMTP 550");
  world.mail_answer = [](const http_client::MailCall&) {
    return http_client::MailReply{250, true};
  };
  driver.Tell("open");
  ASSERT_THAT(world.mails, SizeIs(2));
  EXPECT_NE(MessageIdOf(world.mails[0].message), MessageIdOf(world.mails[1].message));
}

TEST(SmtpSystem, RefusesAConfigurationThatCannotWork) {
  FakeParts world;
  const TemporaryFolder folder;
  const auto is_refused = [&](const char* key, const config::OptionValue& value) {
    config::SinkConfig config = Config();
    config.settings[key] = value;
    return !MakeTicketSink(config, world.parts()).ok();
  };
  EXPECT_TRUE(is_refused("to", std::vector<std::string>{}));
  EXPECT_TRUE(is_refused("to", std::vector<std::string>{"soc"}));
  EXPECT_TRUE(is_refused("from", std::string("watch")));
  EXPECT_TRUE(is_refused("username", std::string("watch")));
  EXPECT_TRUE(is_refused("password",
                         config::SecretRef{config::SecretRef::From::kFile, folder.Path("none")}));
}

TEST(SmtpSystem, LogsInAtAServer) {
  const http_client::CertificateAuthority authority;
  http_client::MailServer server(authority.IssueForLoopback(), {.log_in = "AHVzZXIAcGFzcw=="});
  const TemporaryFolder folder;
  folder.Write("ca.pem", authority.Pem());
  folder.Write("password", "pass\n");
  FakeParts world;
  world.make_mail = http_client::NetworkMail();
  config::SinkConfig config = Config();
  config.ca_file = folder.Path("ca.pem");
  config.settings["server"] = server.address();
  config.settings["username"] = std::string("user");
  config.settings["password"] =
      config::SecretRef{config::SecretRef::From::kFile, folder.Path("password")};
  SinkDriver driver(config, &world);
  driver.Tell("open");
  driver.Tell("resolved");
  const std::vector<http_client::TakenMail> mails = server.mails();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_EQ(mails[0].from, "watch@contoso.example");
  EXPECT_THAT(mails[1].data,
              HasSubstr(std::string("Message-ID: <") + words::kSampleTicket + ".2@"));
}

TEST(SmtpSystem, IsAskedByALogInAndSendsNothing) {
  const http_client::CertificateAuthority authority;
  http_client::MailServer server(authority.IssueForLoopback(), {.log_in = "AHVzZXIAcGFzcw=="});
  const TemporaryFolder folder;
  folder.Write("ca.pem", authority.Pem());
  folder.Write("password", "pass\n");
  FakeParts world;
  world.make_mail = http_client::NetworkMail();
  config::SinkConfig config = Config();
  config.ca_file = folder.Path("ca.pem");
  config.settings["server"] = server.address();
  config.settings["username"] = std::string("user");
  config.settings["password"] =
      config::SecretRef{config::SecretRef::From::kFile, folder.Path("password")};
  const auto ask = [&] {
    TicketSinkOr sink = MakeTicketSink(config, world.parts());
    EXPECT_TRUE(sink.ok()) << sink.status();
    return (*sink)->Ask();
  };
  EXPECT_EQ(ask().value_or(""), "the log-in is taken by TLS");
  EXPECT_THAT(server.commands(), testing::IsSupersetOf({"EHLO", "STARTTLS", "AUTH"}));
  EXPECT_THAT(server.commands(), testing::Not(testing::Contains("MAIL")));
  folder.Write("password", "wrong\n");
  EXPECT_FALSE(ask().ok());
  EXPECT_THAT(server.mails(), testing::IsEmpty());
}

}  // namespace smtp_system_test
}  // namespace signinwatch::sinks
