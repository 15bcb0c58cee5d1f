// The real Alertmanager takes what the sink says: one alert for one ticket, whatever is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/daemon/sinks/program.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"
#include "tests/eventually.h"

namespace signinwatch::sinks {
namespace alertmanager_program_test {

using Json = nlohmann::json;
using testing::HasSubstr;

class AlertmanagerProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string config = "--config.file=" + folder_.Write("config.yaml", kConfig);
    const std::string storage = "--storage.path=" + folder_.Path("data");
    const std::string listen = "--web.listen-address=127.0.0.1:" + std::to_string(port_);
    const std::string level = "--log.level=error";
    const std::string cluster = "--cluster.listen-address=";
    for (const char* name : {"prometheus-alertmanager", "alertmanager"}) {
      program_ = std::make_unique<Program>(
          std::vector<std::string>{name, config, storage, listen, level, cluster});
      if (program_->started()) break;
    }
    ASSERT_TRUE(program_->started()) << "Alertmanager is missing";
    ASSERT_TRUE(Eventually([this] { return Get("/-/ready").status == 200; }));
  }
  [[nodiscard]] std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  http_client::HttpResponse Get(const std::string& path) {
    return client_.Send({.method = "GET", .url = Url() + path})
        .value_or(http_client::HttpResponse{});
  }
  // What it has, whether or not it fires.
  Json Alerts() { return Json::parse(Get("/api/v2/alerts").body); }

  static constexpr char kConfig[] = "route: {receiver: none}\nreceivers: [{name: none}]\n";

  const TemporaryFolder folder_;
  const int port_ = FreePort();
  std::unique_ptr<Program> program_;
  http_client::HttpClient client_;
};

TEST_F(AlertmanagerProgramTest, HasOneAlertForATicketUntilItEnds) {
  FakeParts world;
  world.clock.SetWall(clock::SystemClock().Wall());
  const std::unique_ptr<http_client::HttpTransport> network = http_client::NetworkTransports()("");
  world.answer = [&network](const http_client::HttpCall& call) { return network->Send(call); };
  config::SinkConfig config;
  config.name = "am";
  config.type = "alertmanager";
  config.settings["urls"] = std::vector<std::string>{Url()};
  SinkDriver driver(config, &world);

  driver.Tell("open", 0, Severity::kMedium);
  driver.Tell("open", 0, Severity::kCritical);
  Json alerts = Alerts();
  ASSERT_EQ(alerts.size(), 1u) << alerts;
  EXPECT_EQ(alerts[0].at("labels").at("ticket_id"), words::kSampleTicket);
  EXPECT_EQ(alerts[0].at("annotations").at("severity"), "critical");
  EXPECT_EQ(alerts[0].at("annotations").at("revision"), "2");
  EXPECT_THAT(alerts[0].at("generatorURL").get<std::string>(), HasSubstr(words::kSampleTicket));
  EXPECT_EQ(alerts[0].at("status").at("state"), "active");

  driver.Tell("resolved");
  EXPECT_EQ(Alerts().size(), 0u) << "it lists what fires";
  driver.Tell("open", 1);
  alerts = Alerts();
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].at("annotations").at("revision"), "4");
  EXPECT_THAT(world.outbox.outcomes(),
              testing::Each(testing::Field(&store::DeliveryOutcome::kind,
                                           store::DeliveryOutcome::Kind::kDelivered)));
}

}  // namespace alertmanager_program_test
}  // namespace signinwatch::sinks
