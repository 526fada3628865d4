package org.resa4j.eval.worksheet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.resa4j.error.InputException;

/**
 * Shuffled vouchers, and accounts to post them to, modulo 10, page by page.
 *
 * <pre>{@code
 * <bos> #13 kin 9 ; #12 ror 4 ; open ror 3 ; kin 0 ; post #12 #13 ;
 * #12 #13 ; ror 4 7 ; kin 9 9 ; <eos>
 *
 * <bos> #13 9 ; #12 4 ; open ror 3 ; kin 0 ; post #12 #13 ;
 * ror #12 kin #13 ; ror 4 7 ; kin 9 9 ; <eos>
 * }</pre>
 *
 * <p>A page has one voucher of each account: first their numbers, in order, then for each account,
 * in the order in which they were opened, the amount posted and the new balance. What account and
 * amount a number stands for is written in the prompt alone. In the second form, a journal, the
 * numbers of a page go to the accounts in their order, and the page says so.
 */
public final class Ledger implements Derivation {
  /** One account's entry on a page: name, amount, balance, semicolon. */
  private static final int ENTRY = 4;

  private record Voucher(String account, int amount) {}

  private final String prompt;
  private final Map<Integer, Voucher> vouchers;
  private final Map<String, Integer> opened;
  private final int first;
  private final boolean journal;

  private Ledger(
      String prompt,
      Map<Integer, Voucher> vouchers,
      Map<String, Integer> opened,
      int first,
      boolean journal) {
    this.prompt = prompt;
    this.vouchers = vouchers;
    this.opened = opened;
    this.first = first;
    this.journal = journal;
  }

  /**
   * Reads a prompt.
   *
   * @throws InputException if it is no ledger, or no page can be made of its vouchers
   */
  public static Ledger parse(String prompt) {
    String[] words = prompt.strip().split("\\s+");
    int at = words[0].equals("<bos>") ? 1 : 0;
    boolean journal = at + 2 < words.length && words[at + 2].equals(";");
    int width = journal ? 3 : 4;
    Map<Integer, Voucher> vouchers = new HashMap<>();
    for (; at + width <= words.length && !words[at].equals("open"); at += width) {
      end(words, at + width - 1);
      Voucher voucher = new Voucher(journal ? "" : words[at + 1], digit(words[at + width - 2]));
      if (vouchers.put(number(words[at]), voucher) != null) {
        throw new InputException("the ledger has two vouchers " + words[at]);
      }
    }
    at++;
    Map<String, Integer> opened = new LinkedHashMap<>();
    for (; at + 2 < words.length && !words[at].equals("post"); at += 3) {
      end(words, at + 2);
      opened.put(words[at], digit(words[at + 1]));
    }
    if (at + 4 != words.length || opened.isEmpty() || vouchers.isEmpty()) {
      throw new InputException(
          "no ledger: it is made of vouchers, 'open' and accounts, 'post' and two numbers");
    }
    end(words, at + 3);
    int first = number(words[at + 1]);
    if (number(words[at + 2]) != first + vouchers.size() - 1) {
      throw new InputException(
          "the ledger has %d vouchers, which are not those from %s to %s"
              .formatted(vouchers.size(), words[at + 1], words[at + 2]));
    }
    if (journal) {
      List<String> accounts = List.copyOf(opened.keySet());
      vouchers.replaceAll(
          (number, voucher) ->
              new Voucher(
                  accounts.get(Math.floorMod(number - first, accounts.size())), voucher.amount));
    }
    Ledger ledger = new Ledger(prompt, vouchers, opened, first, journal);
    ledger.checkPages();
    return ledger;
  }

  private static void end(String[] words, int at) {
    if (!words[at].equals(";")) {
      throw new InputException("no ledger: ';' expected, not " + words[at]);
    }
  }

  private static int number(String word) {
    if (!word.matches("#\\d{1,9}")) {
      throw new InputException("no ledger: a number such as #12 expected, not " + word);
    }
    return Integer.parseInt(word.substring(1));
  }

  private static int digit(String word) {
    if (!word.matches("\\d")) {
      throw new InputException("no ledger: a digit expected, not " + word);
    }
    return word.charAt(0) - '0';
  }

  private void checkPages() {
    for (int page = first; page < first + vouchers.size(); page += opened.size()) {
      List<String> accounts =
          IntStream.range(page, page + opened.size())
              .filter(vouchers::containsKey)
              .mapToObj(number -> vouchers.get(number).account)
              .distinct()
              .toList();
      if (accounts.size() != opened.size() || !opened.keySet().containsAll(accounts)) {
        throw new InputException(
            "the ledger's page from #%d has not one voucher of each account".formatted(page));
      }
    }
  }

  @Override
  public String prompt() {
    return prompt;
  }

  /** Two lines a page: the numbers of its vouchers, and the statement of accounts. */
  @Override
  public List<String> answer() {
    Map<String, Integer> balances = new LinkedHashMap<>(opened);
    List<String> lines = new ArrayList<>();
    for (int page = first; page < first + vouchers.size(); page += opened.size()) {
      StringBuilder numbers = new StringBuilder();
      Map<String, Integer> amounts = new HashMap<>();
      for (int number = page; number < page + opened.size(); number++) {
        Voucher voucher = vouchers.get(number);
        numbers.append(journal ? voucher.account + " " : "").append('#').append(number).append(' ');
        amounts.put(voucher.account, voucher.amount);
      }
      lines.add(numbers + ";");
      balances.replaceAll((account, balance) -> (balance + amounts.get(account)) % 10);
      List<String> entries = new ArrayList<>();
      balances.forEach(
          (account, balance) ->
              entries.add("%s %d %d ;".formatted(account, amounts.get(account), balance)));
      lines.add(String.join(" ", entries));
    }
    return lines;
  }

  /** Amounts and balances. */
  @Override
  public int[] steps() {
    int accounts = opened.size();
    int numbers = (journal ? 2 : 1) * accounts + 1;
    int page = numbers + ENTRY * accounts;
    return IntStream.range(0, vouchers.size())
        .map(entry -> entry / accounts * page + numbers + ENTRY * (entry % accounts))
        .flatMap(entry -> IntStream.of(entry + 1, entry + 2))
        .toArray();
  }
}
