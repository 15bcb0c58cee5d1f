#include "daemon/rehearsal/preview.h"

#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/clock/clock.h"
#include "daemon/config/sink_types.h"
#include "daemon/http_client/http_client.h"
#include "daemon/http_client/kept_connection.h"
#include "daemon/http_client/mail_client.h"
#include "daemon/json/json_value.h"
#include "daemon/rehearsal/scratch_outbox.h"
#include "daemon/rehearsal/ticket_delivery.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/sinks/ticket_message.h"
#include "parser/harmful_characters.h"

namespace signinwatch::rehearsal {
namespace {

// Stand where secrets do.
constexpr const char* kSecretVariable = "SIGNINWATCH_PREVIEW_SECRET";
constexpr const char* kSecretUrlVariable = "SIGNINWATCH_PREVIEW_SECRET_URL";
constexpr const char* kSecretUrl = "https://secret.invalid/";

// The same JSON with a line a value. What is no JSON is as it was.
std::string Indented(const std::string& text) {
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return text;
  std::string lines;
  size_t depth = 0;
  const auto line = [&] { lines.append("\n").append(2 * depth, ' '); };
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      lines += c;
      if (c == '\\' && i + 1 < text.size()) {
        lines += text[++i];
      } else if (c == '"') {
        in_text = false;
      }
      continue;
    }
    if ((c == '}' || c == ']') && depth > 0) {
      --depth;
      if (i > 0 && text[i - 1] != '{' && text[i - 1] != '[') line();
    }
    lines += c;
    if (c == '"') in_text = true;
    if (c == ':') lines += ' ';
    if (c == ',') line();
    if (c == '{' || c == '[') {
      ++depth;
      if (i + 1 < text.size() && text[i + 1] != '}' && text[i + 1] != ']') line();
    }
  }
  return lines;
}

// Takes all that is sent, and writes it down.
class Recorder {
 public:
  std::string text;

  void Begin(const std::string& what) { absl::StrAppend(&text, "\n", ++count_, ". ", what, "\n"); }
  void Note(const http_client::HttpCall& call) {
    static const std::set<std::string> kPlain{"Accept", "Accept-Language", "Content-Type",
                                              "User-Agent", "Idempotency-Key"};
    const bool secret_url = call.url == kSecretUrl;
    Begin(absl::StrCat(call.method, " ", secret_url ? "(secret URL)" : call.url));
    for (const auto& [name, value] : call.headers) {
      absl::StrAppend(&text, name, ": ", kPlain.contains(name) ? value : "(not shown)", "\n");
    }
    if (!call.body.empty()) absl::StrAppend(&text, "\n", Indented(call.body), "\n");
  }

 private:
  int count_ = 0;
};

// What each system's sink takes for a success: nothing was there, and what is asked for was done.
std::string Agreement(const http_client::HttpCall& call) {
  const bool asks = call.method == "GET";
  if (absl::StrContains(call.url, "/api/v1/query?")) return "[]";
  return absl::StrCat(
      R"({"ok":true,"status":"success","channel":"C0","ts":"1.000000","id":"1","key":"PREVIEW-1",)",
      R"("_id":"~1","issues":[],"messages":[],"incidents":[],"comments":[],)",
      R"("fields":{"labels":[],"status":{"statusCategory":{"key":"new"}}},)",
      R"("transitions":[],"stage":"New","result":)",
      asks ? "[]" : R"({"sys_id":"00000000000000000000000000000001","number":"PREVIEW-1"})", "}");
}

class RecordingHttp : public http_client::HttpTransport {
 public:
  explicit RecordingHttp(Recorder* recorder) : recorder_(*recorder) {}
  absl::StatusOr<http_client::HttpResponse> Send(const http_client::HttpCall& call) override {
    recorder_.Note(call);
    return http_client::HttpResponse{call.method == "POST" ? 201 : 200, Agreement(call), ""};
  }
  void Cancel() override {}

 private:
  Recorder& recorder_;
};

class RecordingMail : public http_client::MailTransport {
 public:
  explicit RecordingMail(Recorder* recorder) : recorder_(*recorder) {}
  absl::StatusOr<http_client::MailReply> Send(const http_client::MailCall& mail) override {
    recorder_.Begin(absl::StrCat("A mail by ", mail.server));
    std::string lines = mail.message;
    std::erase(lines, '\r');
    recorder_.text += lines;
    return http_client::MailReply{.code = 250, .of_message = true};
  }
  void Cancel() override {}

 private:
  Recorder& recorder_;
};

class RecordingConnection : public http_client::KeptConnection {
 public:
  explicit RecordingConnection(Recorder* recorder) : recorder_(*recorder) {}
  absl::Status Open(std::chrono::milliseconds /*timeout*/) override { return absl::OkStatus(); }
  absl::Status Send(std::string_view bytes, std::chrono::milliseconds /*timeout*/) override {
    recorder_.Begin(absl::StrCat(bytes.size(), " bytes"));
    recorder_.text.append(bytes).append(1, '\n');
    return absl::OkStatus();
  }
  bool IsOpen() override { return true; }
  void Cancel() override {}

 private:
  Recorder& recorder_;
};

// The same sink with placeholders for secrets and without files that need not be here.
config::SinkConfig WithoutSecrets(config::SinkConfig sink) {
  ::setenv(kSecretVariable, "SECRET", 1);
  ::setenv(kSecretUrlVariable, kSecretUrl, 1);
  for (const config::Option<config::SinkConfig>& option : config::SinkTypeOf(sink.type).options) {
    if (option.of_cluster || !std::holds_alternative<config::SecretKind>(option.kind)) continue;
    if (std::get<config::SecretRef>(option.get(sink)).empty()) continue;
    const bool url = option.key == "url";
    option.set(sink, config::SecretRef{config::SecretRef::From::kEnvironment,
                                       url ? kSecretUrlVariable : kSecretVariable});
  }
  sink.ca_file.clear();
  return sink;
}

// Title and text before any markup.
std::string InPlainWords(const config::SinkConfig& sink, const store::Delivery& delivery,
                         const store::RolledUp& rolled_up) {
  const sinks::Telling telling{
      .delivery = delivery,
      .key = delivery.ticket_id,
      .reference = absl::StrCat(delivery.ticket_id, "/", delivery.revision),
      .parent = {.ticket_id = delivery.parent_ticket_id},
      .continues = {.ticket_id = delivery.continues},
      .merged_into = {.ticket_id = delivery.merged_into},
      .rolled_up = rolled_up};
  const sinks::MessageWording wording(config::SettingOf<std::string>(sink, "title"),
                                      config::SettingOf<std::string>(sink, "body"));
  const auto as_it_is = [](const std::string& value) { return value; };
  const sinks::TicketMessage message = sinks::WriteTicketMessage(telling);
  return absl::StrCat(
      "Title: ", wording.Title(telling, as_it_is), "\n\n",
      wording.Body(telling, as_it_is).value_or(sinks::PlainText(message, sinks::kMessageSteps)),
      "\n\n", sinks::ReferenceLine(message), "\n");
}

std::string WrittenAsItIs(const config::SinkConfig& sink, const config::SinkType& type,
                          const std::string& json) {
  std::string where = "A line:";
  if (!type.written_topic.empty()) {
    where = absl::StrCat("A message to topic ",
                         config::SettingOf<std::string>(sink, type.written_topic),
                         ", its key the ticket's id:");
  } else if (!type.written_file.empty()) {
    where =
        absl::StrCat("A line of ", config::SettingOf<std::string>(sink, type.written_file), ":");
  }
  return absl::StrCat(where, "\n", json, "\n");
}

}  // namespace

absl::StatusOr<std::string> PreviewTicket(const config::SinkConfig& sink, const std::string& json,
                                          const store::RolledUp& rolled_up) {
  const config::SinkType& type = config::SinkTypeOf(sink.type);
  if (!type.written_topic.empty() || !config::HasSetting(sink, "timeout")) {
    return EscapeHarmfulInJson(WrittenAsItIs(sink, type, json));
  }
  const clock::Clock& clock = clock::SystemClock();
  const store::Delivery delivery = DeliveryOf(json, clock.Wall());
  ScratchOutbox outbox;
  outbox.rolled_up = rolled_up;
  Recorder recorder;
  if (config::HasSetting(sink, "title")) recorder.text = InPlainWords(sink, delivery, rolled_up);
  const config::KafkaCluster none;
  const sinks::SinkParts parts{
      .source_cluster = none,
      .make_http =
          [&](const std::string& /*ca_file*/) {
            return std::make_unique<RecordingHttp>(&recorder);
          },
      .clock = clock,
      .outbox = outbox,
      .make_mail =
          [&](const std::string& /*ca_file*/) {
            return std::make_unique<RecordingMail>(&recorder);
          },
      .make_lines = [&] { return std::make_unique<RecordingConnection>(&recorder); }};
  const sinks::TicketSinkOr made = sinks::MakeTicketSink(WithoutSecrets(sink), parts);
  if (!made.ok()) return made.status();
  // What a system answers next to all this need not be known: what was sent is what is shown.
  (void)(*made)->Send({&delivery, 1});
  return Harmless(recorder.text, "\n\t");
}

const config::SinkConfig* FindSink(const config::Config& config, const std::string& name,
                                   std::string* fault) {
  std::string names;
  for (const config::SinkConfig& sink : config.serve.sinks) {
    if (sink.name == name) return &sink;
    absl::StrAppend(&names, names.empty() ? "" : ", ", sink.name);
  }
  *fault = absl::StrCat("there is no sink '", name, "', ",
                        names.empty() ? "none is configured" : "allowed: " + names);
  return nullptr;
}

}  // namespace signinwatch::rehearsal
