#include "detectors/failure.h"

namespace signinwatch {

Failure MakeFailure(const Signal& signal, const ParsedMessage& message, uint16_t code_index,
                    const Failure& like, TextPool* pool) {
  const auto text = [&](TextRef ref, TextId guess = 0) {
    return pool->Intern(message.Text(ref), guess);
  };
  Failure failure;
  failure.time = signal.event_time;
  if (signal.id.form == IdForm::kGuid) {
    failure.id = {signal.id.hi, signal.id.lo, 0};
  } else if (signal.id.present()) {
    failure.id = {0, 0, text(signal.id_text)};
  }
  failure.address_hi = signal.address.hi;
  failure.address_lo = signal.address.lo;
  failure.has_address = signal.address.present;
  if (signal.user.present()) {
    failure.user = {text(signal.user_text, like.user.text), signal.user.form == IdForm::kName};
  }
  failure.user_principal_name = text(signal.user_principal_name, like.user_principal_name);
  failure.app_id = text(signal.app_id, like.app_id);
  failure.app_name = text(signal.app_name, like.app_name);
  failure.device = text(signal.device_id, like.device);
  failure.country = text(signal.country, like.country);
  failure.code_index = code_index;
  failure.guest = signal.guest;
  return failure;
}

}  // namespace signinwatch
