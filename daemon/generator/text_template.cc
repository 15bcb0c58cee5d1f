#include "daemon/generator/text_template.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace signinwatch::generator {
namespace {

// In the order of Slot.
constexpr std::string_view kSlotNames[] = {
    "time",       "created",     "updated",     "tenant",      "category",    "code",
    "signature",  "description", "status",      "id",          "correlation", "session",
    "token",      "address",     "name",        "upn",         "userId",      "country",
    "state",      "city",        "latitude",    "longitude",   "asn",         "appId",
    "app",        "resourceId",  "resource",    "clientApp",   "userAgent",   "deviceId",
    "deviceName", "system",      "browser",     "trust",       "risk",        "riskType",
    "mfaDetail",  "secondStep",  "requirement", "access",      "policies",    "homeTenant",
    "userType",   "crossTenant", "processing",  "interactive", "tokenType",   "eventType",
    "operation",  "service",     "group",       "type",        "initiatedBy", "targets"};
static_assert(std::size(kSlotNames) == kSlotCount);

Slot SlotNamed(std::string_view name) {
  const auto* found = std::find(std::begin(kSlotNames), std::end(kSlotNames), name);
  if (found == std::end(kSlotNames)) {
    std::fprintf(stderr, "a template names the unknown slot %.*s\n", static_cast<int>(name.size()),
                 name.data());
    std::abort();
  }
  return static_cast<Slot>(found - std::begin(kSlotNames));
}

}  // namespace

TextTemplate::TextTemplate(std::string text) : text_(std::move(text)) {
  for (;;) {
    const size_t open = text_.find('$', tail_);
    if (open == std::string::npos) return;
    const size_t close = text_.find('$', open + 1);
    const std::string_view name = std::string_view(text_).substr(open + 1, close - open - 1);
    pieces_.push_back({tail_, open - tail_, SlotNamed(name)});
    tail_ = close + 1;
  }
}

void TextTemplate::Fill(const Slots& slots, std::string* out) const {
  for (const Piece& piece : pieces_) {
    out->append(text_, piece.offset, piece.size);
    out->append(slots[piece.slot]);
  }
  out->append(text_, tail_);
}

}  // namespace signinwatch::generator
