#include "tests/fuzz/differential.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "parser/ids.h"
#include "parser/ip_address.h"
#include "parser/signal.h"

namespace signinwatch {
namespace {

constexpr size_t kLinesShown = 8;

// A reading as text, one line a fact, so that two of them can be compared and shown.
class Lines {
 public:
  struct Line {
    std::string name;
    std::string value;
    friend bool operator==(const Line&, const Line&) = default;
  };

  void Begin(std::string prefix) { prefix_ = std::move(prefix); }
  void Add(const char* name, std::string value) {
    lines_.push_back({prefix_ + name, std::move(value)});
  }
  void AddNumber(const char* name, int64_t value) { Add(name, std::to_string(value)); }
  void AddText(const char* name, std::string_view text) { Add(name, AsLiteral(text)); }
  void AddTime(const char* name, const std::optional<int64_t>& micros) {
    Add(name, micros ? std::to_string(*micros) : "none");
  }
  // Networks have no common text: they are numbered as they come.
  template <typename Network>
  void AddNetwork(std::map<Network, size_t>* numbers, const Network& network) {
    const size_t next = numbers->size();
    AddNumber("network", static_cast<int64_t>(numbers->try_emplace(network, next).first->second));
  }

  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }

 private:
  std::string prefix_;
  std::vector<Line> lines_;
};

std::string Indexed(const char* name, size_t index) {
  return std::string(name) + "[" + std::to_string(index) + "].";
}

// A text that identifies, as it is kept: the contract says how much, parser/ids.h how the rest is
// still compared. `compared` is the same text as it is compared.
std::string Identity(std::string text, const std::string& compared) {
  KeepIdentity(compared, 0, &text);
  return text;
}
std::string Identity(const std::string& text) { return Identity(text, text); }

// A text that is shown only.
std::string ShownOf(const std::string& text) { return std::string(CutText(text)); }

bool IsModernClient(std::string client_app) {
  LowerAscii(client_app);
  return client_app.empty() || client_app == "browser" ||
         client_app == "mobile apps and desktop clients";
}

// SPEC 6.2.
bool IsGuest(const oracle::PlainRecord& record) {
  std::string type = record.user_type;
  std::string name = record.user_principal_name;
  LowerAscii(type);
  LowerAscii(name);
  return (type == "guest" || name.find("#ext#") != std::string::npos) &&
         record.home_tenant != record.tenant;
}

// What the plain reader read.
class ReaderLines {
 public:
  static Lines Of(const oracle::PlainMessage& message) {
    ReaderLines self;
    for (size_t i = 0; i < message.accepted.size(); ++i) {
      self.lines_.Begin(Indexed("accepted", i));
      self.AddSignal(message.accepted[i]);
    }
    for (size_t i = 0; i < message.rejected.size(); ++i) {
      self.lines_.Begin(Indexed("rejected", i));
      self.lines_.Add("reason", message.rejected[i].reason);
      self.lines_.AddNumber("offset", static_cast<int64_t>(message.rejected[i].offset));
      self.lines_.AddNumber("size", static_cast<int64_t>(message.rejected[i].size));
      self.lines_.AddNumber("records", static_cast<int64_t>(message.rejected[i].records));
    }
    for (size_t i = 0; i < message.irrelevant.size(); ++i) {
      self.lines_.Begin(Indexed("irrelevant", i));
      self.lines_.AddText("category", message.irrelevant[i].category);
      self.lines_.AddNumber("records", static_cast<int64_t>(message.irrelevant[i].records));
    }
    self.lines_.Begin("");
    self.lines_.AddNumber("records", static_cast<int64_t>(message.records));
    self.lines_.AddNumber("invalid_utf8", static_cast<int64_t>(message.invalid_utf8));
    return std::move(self.lines_);
  }

 private:
  void AddSignal(const oracle::PlainSignal& signal) {
    const oracle::PlainRecord& record = signal.record;
    lines_.Add("category", record.category);
    lines_.AddTime("event_time", record.time_us);
    lines_.AddTime("export_time", signal.export_time_us);
    lines_.AddText("tenant", Identity(record.tenant));
    std::string name = record.user_principal_name;
    LowerAscii(name);
    lines_.Add("user_known_by", !record.user_id.empty() ? "id" : !name.empty() ? "name" : "none");
    lines_.AddText("user", Identity(record.user_id.empty() ? name : record.user_id));
    lines_.AddText("user_principal_name", Identity(record.user_principal_name, name));
    lines_.AddText("id", Identity(record.id));
    if (record.is_audit()) {
      AddAudit(record);
    } else if (record.is_risk_event()) {
      AddRisk(record);
    } else {
      AddSignIn(record);
    }
  }

  void AddSignIn(const oracle::PlainRecord& record) {
    lines_.AddNumber("code", *record.code);
    lines_.AddNumber("interactive", record.interactive);
    lines_.AddNumber("modern_client", IsModernClient(record.client_app));
    lines_.AddText("address", record.address);
    lines_.AddNetwork(&networks_, record.network);
    lines_.AddText("app_id", Identity(record.app_id));
    lines_.AddText("app_name", record.app_name);
    lines_.AddText("device_id", Identity(record.device_id));
    lines_.AddText("country", record.country);
    lines_.AddText("correlation_id", Identity(record.correlation_id));
    lines_.AddNumber("guest", IsGuest(record));
    lines_.AddText("home_tenant",
                   record.home_tenant == record.tenant ? "" : Identity(record.home_tenant));
    lines_.AddText("mfa_method", record.mfa_method);
    if (record.code != 0) AddFailure(record);
  }

  void AddFailure(const oracle::PlainRecord& record) {
    lines_.Add("conditional_access", record.conditional_access);
    lines_.Add("sign_in_risk", record.sign_in_risk);
    lines_.AddText("client", ShownOf(record.client_app));
    lines_.AddText("token_type", record.token_type);
    lines_.AddText("session", Identity(record.session_id));
    std::set<std::string> policies;
    for (const std::string& policy : record.failing_policies) policies.insert(Identity(policy));
    for (const std::string& policy : policies) lines_.AddText("failing_policy", policy);
  }

  void AddRisk(const oracle::PlainRecord& record) {
    lines_.AddText("risk.type", record.risk_type);
    lines_.AddText("risk.level", record.risk_level);
    lines_.AddText("risk.state", record.risk_state);
    lines_.AddNumber("risk.updated", record.risk_updated_us);
  }

  void AddAudit(const oracle::PlainRecord& record) {
    lines_.AddNumber("success", record.success);
    lines_.AddText("operation", record.operation);
    lines_.AddText("actor.user_principal_name", record.actor.user_principal_name);
    lines_.AddText("actor.user_id", record.actor.user_id);
    lines_.AddText("actor.app_display_name", record.actor.app_display_name);
    lines_.AddText("actor.service_principal_name", record.actor.service_principal_name);
    lines_.AddText("actor.service_principal_id", record.actor.service_principal_id);
    lines_.AddText("actor.app_id", record.actor.app_id);
    lines_.AddText("target_name", record.target_name);
  }

  Lines lines_;
  std::map<std::string, size_t> networks_;
};

// What the parser read. Where a value is kept in two forms, one that does not fit the other is
// shown as such, so it differs from anything that the reader can have read.
class ParserLines {
 public:
  static Lines Of(const ParsedMessage& parsed) {
    ParserLines self(parsed);
    for (size_t i = 0; i < parsed.signals.size(); ++i) {
      self.lines_.Begin(Indexed("accepted", i));
      self.AddSignal(parsed.signals[i]);
    }
    for (size_t i = 0; i < parsed.rejects.size(); ++i) {
      self.lines_.Begin(Indexed("rejected", i));
      self.lines_.Add("reason", RejectReasonName(parsed.rejects[i].reason));
      self.lines_.AddNumber("offset", static_cast<int64_t>(parsed.rejects[i].offset));
      self.lines_.AddNumber("size", static_cast<int64_t>(parsed.rejects[i].size));
      self.lines_.AddNumber("records", static_cast<int64_t>(parsed.rejects[i].records));
    }
    for (size_t i = 0; i < parsed.irrelevant.size(); ++i) {
      self.lines_.Begin(Indexed("irrelevant", i));
      self.lines_.AddText("category", parsed.Text(parsed.irrelevant[i].category));
      self.lines_.AddNumber("records", static_cast<int64_t>(parsed.irrelevant[i].records));
    }
    self.lines_.Begin("");
    self.lines_.AddNumber("records", static_cast<int64_t>(parsed.records));
    self.lines_.AddNumber("invalid_utf8", static_cast<int64_t>(parsed.invalid_utf8));
    return std::move(self.lines_);
  }

 private:
  explicit ParserLines(const ParsedMessage& parsed) : parsed_(parsed) {}

  void AddText(const char* name, TextRef ref) { lines_.AddText(name, parsed_.Text(ref)); }

  void AddSignal(const Signal& signal) {
    lines_.Add("category", CategoryName(signal.category));
    lines_.AddTime("event_time", signal.event_time.time_since_epoch().count());
    lines_.AddTime("export_time",
                   signal.export_time == kBeginningOfTime
                       ? std::nullopt
                       : std::optional<int64_t>(signal.export_time.time_since_epoch().count()));
    const std::string_view tenant = parsed_.Text(signal.tenant_text);
    AddConsistent("tenant", tenant, signal.tenant == MakeId<TenantId>(tenant));
    AddUser(signal);
    AddText("user_principal_name", signal.user_principal_name);
    AddId(signal);
    if (signal.is_audit()) {
      AddAudit(parsed_.audits.at(signal.detail));
    } else if (signal.is_risk_event()) {
      AddRisk(parsed_.risks.at(signal.detail));
    } else {
      AddSignIn(signal);
    }
  }

  void AddConsistent(const char* name, std::string_view text, bool consistent) {
    lines_.Add(name, AsLiteral(text) + (consistent ? "" : " that is not its hash"));
  }

  void AddUser(const Signal& signal) {
    const std::string_view text = parsed_.Text(signal.user_text);
    const bool by_name = signal.user.form == IdForm::kName;
    lines_.Add("user_known_by", by_name ? "name" : signal.user.present() ? "id" : "none");
    AddConsistent("user", text, signal.user == (by_name ? MakeNameId(text) : MakeId<UserId>(text)));
  }

  void AddId(const Signal& signal) {
    if (signal.id.form == IdForm::kGuid) {
      lines_.AddText("id", FormatGuid(signal.id.hi, signal.id.lo));
      return;
    }
    const std::string_view text = parsed_.Text(signal.id_text);
    AddConsistent("id", text, signal.id == MakeId<RecordId>(text));
  }

  void AddSignIn(const Signal& signal) {
    lines_.AddNumber("code", signal.code);
    lines_.AddNumber("interactive", signal.interactive);
    lines_.AddNumber("modern_client", signal.modern_client);
    lines_.AddText("address", signal.address.present ? FormatIpAddress(signal.address) : "");
    lines_.AddNetwork(&networks_, signal.address.FamiliarNetwork());
    AddText("app_id", signal.app_id);
    AddText("app_name", signal.app_name);
    AddWithKey("device_id", signal.device_id, signal.device_key);
    AddWithKey("country", signal.country, signal.country_key);
    AddText("correlation_id", signal.correlation_id);
    lines_.AddNumber("guest", signal.guest);
    AddText("home_tenant", signal.home_tenant);
    AddText("mfa_method", signal.mfa_method);
    if (!signal.is_success()) AddFailure(parsed_.failures.at(signal.detail));
  }

  void AddFailure(const FailureDetail& failure) {
    static constexpr const char* kStatus[] = {"unknown", "success", "failure", "not_applied"};
    static constexpr const char* kRisk[] = {"", "low", "medium", "high"};
    lines_.Add("conditional_access", kStatus[static_cast<int>(failure.conditional_access)]);
    lines_.Add("sign_in_risk", kRisk[static_cast<int>(failure.risk)]);
    AddText("client", failure.client);
    AddText("token_type", failure.token_type);
    AddText("session", failure.session);
    for (uint32_t i = failure.policies_begin; i < failure.policies_end; ++i) {
      AddText("failing_policy", parsed_.failing_policies.at(i));
    }
  }

  void AddRisk(const RiskDetail& risk) {
    AddText("risk.type", risk.type);
    AddText("risk.level", risk.level);
    AddText("risk.state", risk.state);
    lines_.AddNumber("risk.updated", risk.last_updated.time_since_epoch().count());
  }

  void AddWithKey(const char* name, TextRef ref, uint64_t key) {
    const std::string_view text = parsed_.Text(ref);
    AddConsistent(name, text, key == (text.empty() ? 0 : HashText64(text)));
  }

  void AddAudit(const AuditDetail& audit) {
    lines_.AddNumber("success", audit.success);
    AddText("operation", audit.operation);
    AddText("actor.user_principal_name", audit.actor_user_principal_name);
    AddText("actor.user_id", audit.actor_user_id);
    AddText("actor.app_display_name", audit.actor_app_display_name);
    AddText("actor.service_principal_name", audit.actor_service_principal_name);
    AddText("actor.service_principal_id", audit.actor_service_principal_id);
    AddText("actor.app_id", audit.actor_app_id);
    AddText("target_name", audit.target_name);
  }

  const ParsedMessage& parsed_;
  Lines lines_;
  std::map<uint64_t, size_t> networks_;
};

// Whether reading stopped at broken JSON. How much invalid UTF-8 lies behind that is not compared:
// nothing there is read, and nothing replaced.
bool IsBroken(const oracle::PlainMessage& message) {
  return std::any_of(message.rejected.begin(), message.rejected.end(),
                     [](const oracle::PlainReject& reject) {
                       return reject.reason == "not_json" || reject.reason == "damaged";
                     });
}

std::string Compare(const std::vector<Lines::Line>& parser,
                    const std::vector<Lines::Line>& reader) {
  static const Lines::Line kNone{"end", "nothing more"};
  std::string difference;
  size_t shown = 0;
  for (size_t i = 0; i < std::max(parser.size(), reader.size()) && shown < kLinesShown; ++i) {
    const Lines::Line& a = i < parser.size() ? parser[i] : kNone;
    const Lines::Line& b = i < reader.size() ? reader[i] : kNone;
    if (a == b) continue;
    difference += b.name + ": parser " + (a.name == b.name ? "" : "has " + a.name + " ") + a.value +
                  ", reader " + b.value + "\n";
    ++shown;
  }
  return difference;
}

ParserOptions ToParserOptions(const oracle::ReaderOptions& options) {
  ParserOptions result;
  result.default_tenant = options.default_tenant;
  result.unwrap = options.unwrap;
  result.message_bytes_max = options.message_bytes_max;
  result.max_clock_skew = Duration(options.max_clock_skew_us);
  return result;
}

}  // namespace

Differential::Differential(const oracle::ReaderOptions& options)
    : options_(options), parser_(ToParserOptions(options)) {}

std::string Differential::Find(std::string_view message) {
  // A buffer of its own and of exact size: a byte read behind it is seen by AddressSanitizer.
  const auto buffer = std::make_unique<char[]>(message.size());
  std::copy(message.begin(), message.end(), buffer.get());
  parser_.Parse({buffer.get(), message.size()}, kReferenceTime, &parsed_);
  oracle::PlainMessage read =
      oracle::ReadMessage(message, kReferenceTime.time_since_epoch().count(), options_);

  if (IsBroken(read)) read.invalid_utf8 = parsed_.invalid_utf8;
  uint64_t accounted = parsed_.signals.size() + parsed_.rejected();
  for (const IrrelevantCount& count : parsed_.irrelevant) accounted += count.records;
  if (accounted != parsed_.records) return "parser: its records do not add up\n";
  return Compare(ParserLines::Of(parsed_).lines(), ReaderLines::Of(read).lines());
}

std::string AsLiteral(std::string_view bytes) {
  static constexpr char kDigits[] = "01234567";
  std::string text = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      // Always three digits, so that what follows is never taken for one more.
      text += {'\\', kDigits[byte >> 6], kDigits[byte >> 3 & 7], kDigits[byte & 7]};
    }
  }
  return text + "\"";
}

}  // namespace signinwatch
