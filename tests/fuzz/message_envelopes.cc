// The part of MessageGrammar that puts records into messages, and damages those.
#include <algorithm>

#include "tests/fuzz/message_grammar.h"

namespace signinwatch {

std::string MessageGrammar::Batch() {
  if (Chance(3)) {
    // More categories than are counted one by one.
    std::vector<std::string> elements(20 + Below(80));
    for (std::string& element : elements) {
      element = Object({{"category", Text("c" + Digits(1, 2))}});
    }
    return Array(elements);
  }
  std::vector<std::string> elements(Chance(90) ? Below(5) : Below(20));
  for (std::string& element : elements) element = Record();
  return Array(elements);
}

std::string MessageGrammar::MakeWhole() {
  std::string message;
  const size_t envelope = Below(20);
  if (envelope < 6) {
    message = Object({{"records", Batch()}});
  } else if (envelope < 9) {
    message = Object({{"@odata.context", Junk(1)}, {"value", Batch()}});
  } else if (envelope < 11) {
    message =
        Object({{"value", Batch()}, {"records", Chance(80) ? Batch() : Junk(1)}, {"x", Junk(1)}});
  } else if (envelope < 14) {
    message = Batch();
  } else if (envelope < 19) {
    message = Record();
  } else {
    message = Junk(2);
  }
  message = Blank() + message + Blank();
  if (Chance(3)) message.insert(0, "\xEF\xBB\xBF");
  return message;
}

void MessageGrammar::Damage(std::string* message) {
  const size_t at = Below(message->size() + 1);
  const size_t length = std::min(message->size() - at, Below(Chance(70) ? 4 : 60));
  switch (Below(6)) {
    case 0:
      message->resize(at);
      break;
    case 1:
      message->erase(at, length);
      break;
    case 2:
      message->insert(at, message->substr(at, length));
      break;
    case 3:
      if (at < message->size()) (*message)[at] = static_cast<char>(Below(256));
      break;
    case 4:
      if (at < message->size()) (*message)[at] ^= static_cast<char>(1u << Below(8));
      break;
    default:
      message->insert(at, Pick({"]",        "[",
                                "}",        "{",
                                ",",        ":",
                                "\"",       "\\",
                                "\\u12",    "\\ud800",
                                "0",        "-",
                                "1",        "e",
                                "true",     "x",
                                " ",        "\n",
                                "\x01",     "\xFF",
                                "\xE2\x82", "\xEF\xBB\xBF",
                                "/",        "'",
                                "]}",       "\"}",
                                "\\\"",     "\xC2\xA0"}));
      break;
  }
}

std::string MessageGrammar::Make() {
  std::string message = MakeWhole();
  if (Chance(60)) return message;
  for (size_t i = 1 + (Chance(20) ? Below(4) : 0); i > 0; --i) Damage(&message);
  return message;
}

}  // namespace signinwatch
