#include "bench/parse/bare_simdjson.h"

#include <simdjson.h>

#include <string_view>

namespace signinwatch {
namespace {

namespace ondemand = simdjson::ondemand;

uint64_t Touch(ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text.size() + 1 : 0;
}

uint64_t Touch(simdjson::simdjson_result<ondemand::value> value) {
  return value.error() == simdjson::SUCCESS ? Touch(value.value_unsafe()) : 0;
}

uint64_t TouchMember(simdjson::simdjson_result<ondemand::value> value, std::string_view name) {
  uint64_t sum = 0;
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return 0;
  for (auto field : object) {
    if (field.unescaped_key().value() == name) {
      int64_t number = 0;
      ondemand::value found = field.value();
      if (found.get_int64().get(number) == simdjson::SUCCESS) {
        sum += static_cast<uint64_t>(number) + 1;
      } else {
        sum += Touch(found);
      }
    }
  }
  return sum;
}

uint64_t LoopProperties(ondemand::object properties) {
  uint64_t sum = 0;
  for (auto field : properties) {
    const std::string_view key = field.unescaped_key().value();
    if (key == "id" || key == "createdDateTime" || key == "userPrincipalName" || key == "userId" ||
        key == "appId" || key == "appDisplayName" || key == "ipAddress" || key == "clientAppUsed") {
      sum += Touch(field.value());
    } else if (key == "status") {
      sum += TouchMember(field.value(), "errorCode");
    } else if (key == "deviceDetail") {
      sum += TouchMember(field.value(), "deviceId");
    } else if (key == "location") {
      sum += TouchMember(field.value(), "countryOrRegion");
    }
  }
  return sum;
}

uint64_t LoopRecord(ondemand::object record) {
  uint64_t sum = 0;
  for (auto field : record) {
    const std::string_view key = field.unescaped_key().value();
    if (key == "time" || key == "category" || key == "tenantId") {
      sum += Touch(field.value());
    } else if (key == "properties") {
      sum += LoopProperties(field.value().get_object());
    }
  }
  return sum;
}

// The object that `value` is, if it is there.
bool IsObject(simdjson::simdjson_result<ondemand::value> value, ondemand::object* object) {
  return value.get_object().get(*object) == simdjson::SUCCESS;
}

uint64_t LookUpRecord(ondemand::object record) {
  uint64_t sum = Touch(record.find_field_unordered("time"));
  sum += Touch(record.find_field_unordered("category"));
  sum += Touch(record.find_field_unordered("tenantId"));
  ondemand::object properties, nested;
  if (!IsObject(record.find_field_unordered("properties"), &properties)) return sum;
  for (const char* key : {"id", "createdDateTime", "userPrincipalName", "userId", "appId",
                          "appDisplayName", "ipAddress"}) {
    sum += Touch(properties.find_field_unordered(std::string_view(key)));
  }
  int64_t code = 0;
  if (IsObject(properties.find_field_unordered("status"), &nested) &&
      nested.find_field_unordered("errorCode").get_int64().get(code) == simdjson::SUCCESS) {
    sum += static_cast<uint64_t>(code) + 1;
  }
  sum += Touch(properties.find_field_unordered("clientAppUsed"));
  if (IsObject(properties.find_field_unordered("deviceDetail"), &nested)) {
    sum += Touch(nested.find_field_unordered("deviceId"));
  }
  if (IsObject(properties.find_field_unordered("location"), &nested)) {
    sum += Touch(nested.find_field_unordered("countryOrRegion"));
  }
  return sum;
}

template <typename ReadRecord>
uint64_t ReadAll(ondemand::parser& parser, simdjson::padded_string_view message, ReadRecord read) {
  uint64_t sum = 0;
  auto document = parser.iterate(message);
  for (auto record : document["records"].get_array()) sum += read(record.get_object());
  return sum;
}

static_assert(BareReader::kPadding >= simdjson::SIMDJSON_PADDING);

}  // namespace

struct BareReader::State {
  ondemand::parser parser;
};

BareReader::BareReader() : state_(std::make_unique<State>()) {}
BareReader::~BareReader() = default;

uint64_t BareReader::ByLoop(std::string_view message) {
  return ReadAll(
      state_->parser,
      simdjson::padded_string_view(message.data(), message.size(), message.size() + kPadding),
      [](ondemand::object record) { return LoopRecord(record); });
}

uint64_t BareReader::ByLookUp(std::string_view message) {
  return ReadAll(
      state_->parser,
      simdjson::padded_string_view(message.data(), message.size(), message.size() + kPadding),
      [](ondemand::object record) { return LookUpRecord(record); });
}

struct BareSimdjson::State {
  explicit State(const std::string& text) : message(text) {}

  simdjson::padded_string message;
  ondemand::parser parser;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> index;
};

BareSimdjson::BareSimdjson(const std::string& message) : state_(std::make_unique<State>(message)) {
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(
          message.size(), 1, state_->index) != simdjson::SUCCESS) {
    state_->index.reset();
  }
}
BareSimdjson::~BareSimdjson() = default;

uint64_t BareSimdjson::ByLoop() {
  return ReadAll(state_->parser, state_->message,
                 [](ondemand::object record) { return LoopRecord(record); });
}

uint64_t BareSimdjson::ByLookUp() {
  return ReadAll(state_->parser, state_->message,
                 [](ondemand::object record) { return LookUpRecord(record); });
}

uint64_t BareSimdjson::IndexAlone() {
  if (state_->index == nullptr) return 0;
  const auto error = state_->index->stage1(reinterpret_cast<const uint8_t*>(state_->message.data()),
                                           state_->message.size(), simdjson::stage1_mode::regular);
  return error == simdjson::SUCCESS ? state_->index->n_structural_indexes : 0;
}

}  // namespace signinwatch
