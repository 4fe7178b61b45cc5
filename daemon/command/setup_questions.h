// The questions of `setup`, in the reader's language: whose mail account, which server where that is not
// known, who reads root's mail, and whether to go on. Each is asked again until its answer makes sense. Main
// thread; waits for a person. All fail with code 66 when that person has gone.
#pragma once

#include <string>

#include "base/locale.h"
#include "base/result.h"
#include "command/setup_plan.h"
#include "mail/explanation.h"
#include "settings/profile.h"

namespace mailchute {

class SetupQuestions {
 public:
  SetupQuestions(const Profiles& profiles, Language language) : profiles_(profiles), language_(language) {}

  /// Fills in what is missing of provider, user, host and port; `usual_user` is what Enter means.
  Result<void> account(SetupAnswers& answers, const std::string& usual_user) const;

  /// Who reads the mail for root.
  Result<std::string> root(const std::string& usual) const;

  /// A question that Enter answers with yes.
  Result<bool> yes(const Explanation& question) const;

  void tell(const Explanation& words) const;

 private:
  Result<std::string> answer(const Explanation& question, const std::string& usual) const;
  Result<void> account_name(SetupAnswers& answers, const std::string& usual_user) const;
  Result<void> provider(SetupAnswers& answers) const;
  Result<void> user(SetupAnswers& answers, const Profile& profile) const;
  Result<void> server(SetupAnswers& answers, const Profile& profile) const;
  void list_providers() const;

  const Profiles& profiles_;
  Language language_;
};

}  // namespace mailchute
