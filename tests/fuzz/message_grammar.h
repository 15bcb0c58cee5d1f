// Random messages that look like Entra's, nearly: the input of the differential tests.
//
//   MessageGrammar grammar(seed);
//   const std::string message = grammar.Make();   // the same for the same seed, everywhere
//
// A message is drawn from a grammar of the contract's section 3: every envelope, category and
// field, most of them well formed, some absent, of a wrong type, written twice, in any order, with
// escapes; then, at times, its bytes are damaged.
#ifndef SIGNINWATCH_TESTS_FUZZ_MESSAGE_GRAMMAR_H_
#define SIGNINWATCH_TESTS_FUZZ_MESSAGE_GRAMMAR_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signinwatch {

class MessageGrammar {
 public:
  explicit MessageGrammar(uint64_t seed) : random_(seed) {}

  // A message, damaged or not.
  std::string Make();
  // One that is whole JSON.
  std::string MakeWhole();

 private:
  using Members = std::vector<std::pair<std::string, std::string>>;  // key, JSON of the value

  size_t Below(size_t limit) { return static_cast<size_t>(random_() % limit); }
  bool Chance(size_t percent) { return Below(100) < percent; }
  std::string_view Pick(std::initializer_list<std::string_view> choices);

  // JSON texts.
  std::string Blank();
  std::string Text(std::string_view text);
  std::string Junk(int depth);
  std::string Deep();
  std::string Array(const std::vector<std::string>& elements);
  std::string Object(Members members);
  void AddMember(Members* members, std::string_view key, std::string value);
  void AddRarely(Members* members, std::string_view key, std::string value);

  // Values of fields.
  std::string Digits(size_t least, size_t most);
  std::string Time();
  std::string MonthFirstTime();
  std::string Id();
  std::string Name();
  std::string Long();
  std::string Code();
  std::string AddressText();
  std::string Address();
  std::string Category();
  std::string ResourceId();
  std::string EventTypes();

  // Records and what they are made of.
  Members SignInFields();
  Members AuditFields();
  std::string Target();
  std::string InitiatedBy();
  std::string Properties(Members fields);
  Members RiskFields();
  std::string Policies();
  std::string AuthenticationSteps();
  void AddEvidence(Members* fields);
  std::string Exported(const char* category, Members fields);
  std::string Graph(bool audit);
  std::string Row();
  std::string JsonText(std::string json);
  std::string Wrapped();
  std::string Record();
  std::string Batch();

  void Damage(std::string* message);

  std::mt19937_64 random_;
  bool tidy_ = false;  // the record that is being made lacks nothing and has no wrong types
  int wrapped_ = 0;    // how many shippers wrap what is being made
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_FUZZ_MESSAGE_GRAMMAR_H_
