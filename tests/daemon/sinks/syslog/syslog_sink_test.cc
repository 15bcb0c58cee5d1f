#include "daemon/sinks/syslog/syslog_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/sinks/sink_registry.h"
#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/fake_parts.h"
#include "tests/daemon/sinks/syslog/collector.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace syslog_sink_test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Kind = SendResult::Kind;

config::SinkConfig Config(const std::string& server, const std::string& transport) {
  config::SinkConfig config;
  config.name = "siem";
  config.type = "syslog";
  config.settings["server"] = server;
  config.settings["transport"] = transport;
  config.settings["rate_per_minute"] = int64_t{0};
  return config;
}

std::unique_ptr<TicketSink> Make(const config::SinkConfig& config, FakeParts* world) {
  TicketSinkOr sink = MakeTicketSink(config, world->parts());
  EXPECT_TRUE(sink.ok()) << sink.status();
  return *std::move(sink);
}

SendResult SendOne(TicketSink* sink, uint32_t revision) {
  const std::vector<store::Delivery> batch{MakeDelivery(revision, "t1", revision)};
  return sink->Send(batch)[0];
}

// The collector's end of the connection, and some time for it to get here.
void EndConnection(Collector* collector) {
  collector->HangUp();
  while (!collector->has_hung_up()) std::this_thread::sleep_for(milliseconds(1));
  std::this_thread::sleep_for(milliseconds(50));
}

TEST(SyslogSink, SendsEachRevisionOverOneConnectionByTls) {
  const http_client::CertificateAuthority authority;
  const http_client::Certificate certificate = authority.IssueForLoopback();
  const TemporaryFolder folder;
  folder.Write("ca.pem", authority.Pem());
  Collector collector(&certificate);
  FakeParts world;
  config::SinkConfig config = Config(collector.address(), "tls");
  config.ca_file = folder.Path("ca.pem");
  const auto sink = Make(config, &world);
  for (uint32_t revision = 1; revision <= 3; ++revision) {
    EXPECT_EQ(SendOne(sink.get(), revision).kind, Kind::kDelivered);
    EXPECT_EQ(sink->Tend(world.clock.Now()), world.clock.Steady() + SyslogSink::kLook);
  }
  EXPECT_THAT(collector.Await(3),
              ElementsAre(HasSubstr("revision=\"1\""), HasSubstr("revision=\"2\""),
                          HasSubstr("revision=\"3\"")));
  EXPECT_EQ(collector.connections(), 1);
}

TEST(SyslogSink, ACollectorThatIsNotTrustedGetsNothing) {
  const http_client::CertificateAuthority authority;
  const http_client::CertificateAuthority other("another");
  const http_client::Certificate certificate = authority.IssueForLoopback();
  const TemporaryFolder folder;
  folder.Write("ca.pem", other.Pem());
  Collector collector(&certificate);
  FakeParts world;
  config::SinkConfig config = Config(collector.address(), "tls");
  config.ca_file = folder.Path("ca.pem");
  const SendResult result = SendOne(Make(config, &world).get(), 1);
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_TRUE(result.sink_down);
  EXPECT_EQ(result.reason, "configuration");
  EXPECT_EQ(collector.connections(), 0);
  config.ca_file = folder.Path("none.pem");
  EXPECT_FALSE(MakeTicketSink(config, world.parts()).ok());
}

TEST(SyslogSink, TheLastMessageIsSentAgainBeforeTheNext) {
  Collector collector;
  FakeParts world;
  const auto sink = Make(Config(collector.address(), "tcp"), &world);
  EXPECT_EQ(SendOne(sink.get(), 1).kind, Kind::kDelivered);
  EXPECT_EQ(SendOne(sink.get(), 2).kind, Kind::kDelivered);
  EXPECT_THAT(collector.Await(2), SizeIs(2));
  EndConnection(&collector);
  EXPECT_EQ(SendOne(sink.get(), 3).kind, Kind::kDelivered);
  const std::vector<std::string> messages = collector.Await(4);
  ASSERT_THAT(messages, SizeIs(4));
  EXPECT_EQ(messages[2], messages[1]);
  EXPECT_THAT(messages[3], HasSubstr("revision=\"3\""));
}

TEST(SyslogSink, AConnectionThatEndsWhileNothingIsSentIsNoticed) {
  Collector collector;
  FakeParts world;
  const auto sink = Make(Config(collector.address(), "tcp"), &world);
  EXPECT_EQ(sink->Tend(world.clock.Now()), clock::SteadyTime::max());
  EXPECT_EQ(SendOne(sink.get(), 1).kind, Kind::kDelivered);
  EXPECT_THAT(collector.Await(1), SizeIs(1));
  // Copies come after longer and longer times, and not for ever.
  const std::vector<seconds> pauses{seconds(0), seconds(1), seconds(2), seconds(4), seconds(8)};
  size_t told = 1;
  for (const seconds pause : pauses) {
    EndConnection(&collector);
    if (pause > seconds(0)) {
      (void)sink->Tend(world.clock.Now());
      EXPECT_THAT(collector.Await(told), SizeIs(told));
      world.clock.Advance(pause);
    }
    (void)sink->Tend(world.clock.Now());
    ++told;
    EXPECT_THAT(collector.Await(told), SizeIs(told));
  }
  EndConnection(&collector);
  world.clock.Advance(std::chrono::hours(1));
  EXPECT_EQ(sink->Tend(world.clock.Now()), clock::SteadyTime::max());
  EXPECT_EQ(SendOne(sink.get(), 2).kind, Kind::kDelivered);
  const std::vector<std::string> messages = collector.Await(told + 1);
  ASSERT_THAT(messages, SizeIs(told + 1));
  for (size_t i = 1; i < told; ++i) EXPECT_EQ(messages[i], messages[0]);
  EXPECT_THAT(messages.back(), HasSubstr("revision=\"2\""));
}

TEST(SyslogSink, WhereNobodyListensItIsDown) {
  FakeParts world;
  const auto sink = Make(Config("127.0.0.1:1", "tcp"), &world);
  const SendResult result = SendOne(sink.get(), 1);
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_TRUE(result.sink_down);
  EXPECT_EQ(result.reason, "connection");
  EXPECT_EQ(sink->Tend(world.clock.Now()), clock::SteadyTime::max());
  sink->Cancel();
  EXPECT_EQ(SendOne(sink.get(), 1).kind, Kind::kTemporary);
}

TEST(SyslogSink, KeepsToItsBudget) {
  Collector collector;
  FakeParts world;
  config::SinkConfig config = Config(collector.address(), "tcp");
  config.settings["rate_per_minute"] = int64_t{2};
  const auto sink = Make(config, &world);
  EXPECT_EQ(SendOne(sink.get(), 1).kind, Kind::kDelivered);
  EXPECT_EQ(SendOne(sink.get(), 2).kind, Kind::kDelivered);
  const SendResult result = SendOne(sink.get(), 3);
  EXPECT_EQ(result.kind, Kind::kWaits);
  EXPECT_TRUE(result.sink_down);
  world.clock.Advance(std::chrono::ceil<seconds>(result.retry_after));
  EXPECT_EQ(SendOne(sink.get(), 3).kind, Kind::kDelivered);
}

TEST(SyslogSink, SendsDatagrams) {
  FakeParts world;
  const auto sink = Make(Config("127.0.0.1:1", "udp"), &world);
  EXPECT_EQ(SendOne(sink.get(), 1).kind, Kind::kDelivered);
  // Nobody is there: the first is sent again, and refused again before the second.
  EXPECT_EQ(SendOne(sink.get(), 2).kind, Kind::kTemporary);
}

}  // namespace syslog_sink_test
}  // namespace signinwatch::sinks
