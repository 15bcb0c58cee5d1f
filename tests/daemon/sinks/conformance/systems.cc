#include "tests/daemon/sinks/conformance/systems.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <utility>

#include "daemon/sinks/kafka/kafka_sink.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/sinks/stdout/stdout_sink.h"
#include "daemon/sinks/syslog/syslog_sink.h"
#include "tests/daemon/sinks/alertmanager/alertmanager_stand_in.h"
#include "tests/daemon/sinks/jira/jira_stand_in.h"
#include "tests/daemon/sinks/pagerduty/pagerduty_stand_in.h"
#include "tests/daemon/sinks/servicenow/servicenow_stand_in.h"
#include "tests/daemon/sinks/slack/slack_stand_in.h"
#include "tests/daemon/sinks/teams/teams_stand_in.h"
#include "tests/daemon/sinks/thehive/thehive_stand_in.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace {

template <typename Stands>
class HttpSystem : public System {
 public:
  HttpSystem(Wire* wire, Stands system) : wire_(*wire), system_(std::move(system)) {}
  [[nodiscard]] TicketSinkOr MakeSink(const std::string& name, SinkParts parts) override {
    config::SinkConfig config = system_.Config();
    config.name = name;
    parts.make_http = wire_.HttpTo(&system_);
    return MakeTicketSink(config, parts);
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override { return system_.Tickets(); }
  void PersonCloses() override { system_.PersonCloses(); }

 private:
  Wire& wire_;
  Stands system_;
};

template <typename Stands>
std::unique_ptr<System> Http(Wire* wire, Stands system) {
  return std::make_unique<HttpSystem<Stands>>(wire, std::move(system));
}

// Takes the requests of the webhook sink.
class WebhookStandIn : public HttpStandIn {
 public:
  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "webhook";
    config.settings["url"] = std::string("https://hook.example/tickets");
    return config;
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override { return taken_; }
  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    taken_.push_back({.text = call.body});
    return http_client::HttpResponse{204, "", ""};
  }

 private:
  std::vector<ThereTicket> taken_;
};

// What takes messages and shows each of them.
class MessagesSystem : public System {
 public:
  explicit MessagesSystem(Wire* wire) : wire_(*wire) {}
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const std::string& text : taken_) tickets.push_back({.text = text});
    return tickets;
  }

 protected:
  Wire& wire_;
  std::vector<std::string> taken_;
};

class MailSystem : public MessagesSystem {
 public:
  using MessagesSystem::MessagesSystem;
  [[nodiscard]] TicketSinkOr MakeSink(const std::string& name, SinkParts parts) override {
    config::SinkConfig config;
    config.name = name;
    config.type = "smtp";
    config.settings["server"] = std::string("mail.contoso.example:587");
    config.settings["from"] = std::string("watch@contoso.example");
    config.settings["to"] = std::vector<std::string>{"soc@contoso.example"};
    config.settings["rate_per_minute"] = int64_t{0};
    parts.make_mail = wire_.MailTo(&taken_);
    return MakeTicketSink(config, parts);
  }
};

class SyslogSystem : public MessagesSystem {
 public:
  using MessagesSystem::MessagesSystem;
  [[nodiscard]] TicketSinkOr MakeSink(const std::string& name, SinkParts parts) override {
    config::SinkConfig config;
    config.name = name;
    config.type = "syslog";
    config.settings["server"] = std::string("siem.contoso.example:6514");
    config.settings["rate_per_minute"] = int64_t{0};
    return std::make_unique<SyslogSink>(config, parts, wire_.ConnectTo(&taken_), "host");
  }
};

class KafkaSystem : public MessagesSystem {
 public:
  using MessagesSystem::MessagesSystem;
  [[nodiscard]] TicketSinkOr MakeSink(const std::string& /*name*/, SinkParts parts) override {
    return std::make_unique<KafkaSink>(wire_.ProduceTo(&taken_), "tickets", std::chrono::hours(1),
                                       parts.clock);
  }
};

// A file of its own for each life; for stdout as the descriptor that it writes to.
class FileSystem : public System {
 public:
  explicit FileSystem(bool is_stdout) : is_stdout_(is_stdout) {}
  ~FileSystem() override {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] TicketSinkOr MakeSink(const std::string& name, SinkParts parts) override {
    config::SinkConfig config;
    config.name = name;
    config.type = "file";
    if (is_stdout_) {
      if (fd_ < 0) fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      return std::make_unique<StdoutSink>(fd_);
    }
    config.settings["path"] = path_;
    return MakeTicketSink(config, parts);
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    std::istringstream lines(ReadWholeFile(path_));
    for (std::string line; std::getline(lines, line);) tickets.push_back({.text = line});
    return tickets;
  }

 private:
  const bool is_stdout_;
  const TemporaryFolder folder_{InMemory()};
  const std::string path_ = folder_.Path("tickets.jsonl");
  int fd_ = -1;
};

}  // namespace

const std::vector<SystemCase>& SystemCases() {
  static const std::vector<SystemCase> cases{
      {.name = "PagerDuty",
       .pages = true,
       .make = [](const clock::Clock&, Wire* wire) { return Http(wire, PagerDutyStandIn()); }},
      {.name = "PagerDutyByRest",
       .sees_people = true,
       .pages = true,
       .make = [](const clock::Clock&, Wire* wire) { return Http(wire, PagerDutyStandIn(true)); }},
      {.name = "ServiceNow",
       .sees_people = true,
       .make =
           [](const clock::Clock&, Wire* wire) {
             ServiceNowStandIn system;
             system.knows_correlation_id = false;  // finds whatever is there
             return Http(wire, std::move(system));
           }},
      {.name = "JiraCloud",
       .sees_people = true,
       .make =
           [](const clock::Clock& clock, Wire* wire) {
             JiraStandIn system(true, clock);
             system.lag = std::chrono::seconds(90);
             system.searches_by_label = false;
             return Http(wire, std::move(system));
           }},
      {.name = "JiraDataCenter",
       .sees_people = true,
       .make =
           [](const clock::Clock& clock, Wire* wire) {
             JiraStandIn system(false, clock);
             system.searches_by_label = false;
             return Http(wire, std::move(system));
           }},
      {.name = "Slack",
       .make = [](const clock::Clock& clock,
                  Wire* wire) { return Http(wire, SlackStandIn(clock)); }},
      {.name = "TheHive",
       .sees_people = true,
       .make = [](const clock::Clock&, Wire* wire) { return Http(wire, TheHiveStandIn()); }},
      {.name = "Alertmanager",
       .make = [](const clock::Clock& clock,
                  Wire* wire) { return Http(wire, AlertmanagerStandIn(clock)); }},
      {.name = "Teams",
       .told = Told::kMessages,
       .make = [](const clock::Clock&, Wire* wire) { return Http(wire, TeamsStandIn()); }},
      {.name = "Mail",
       .told = Told::kMessages,
       .way = Way::kMail,
       .make = [](const clock::Clock&, Wire* wire) { return std::make_unique<MailSystem>(wire); }},
      {.name = "Syslog",
       .told = Told::kRevisions,
       .way = Way::kConnection,
       .make = [](const clock::Clock&,
                  Wire* wire) { return std::make_unique<SyslogSystem>(wire); }},
      {.name = "Webhook",
       .told = Told::kRevisions,
       .make = [](const clock::Clock&, Wire* wire) { return Http(wire, WebhookStandIn()); }},
      {.name = "Kafka",
       .told = Told::kRevisions,
       .way = Way::kBroker,
       .make = [](const clock::Clock&, Wire* wire) { return std::make_unique<KafkaSystem>(wire); }},
      {.name = "File",
       .told = Told::kRevisions,
       .way = Way::kDisk,
       .make = [](const clock::Clock&, Wire*) { return std::make_unique<FileSystem>(false); }},
      {.name = "Stdout",
       .told = Told::kRevisions,
       .way = Way::kDisk,
       .make = [](const clock::Clock&, Wire*) { return std::make_unique<FileSystem>(true); }},
  };
  return cases;
}

}  // namespace signinwatch::sinks
