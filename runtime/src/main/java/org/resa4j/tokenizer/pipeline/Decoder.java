package org.resa4j.tokenizer.pipeline;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Makes text of tokens' strings, which are joined at the end. */
sealed interface Decoder {
  List<String> decode(List<String> tokens);

  /** One after the other. */
  record Sequence(List<Decoder> parts) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      List<String> result = tokens;
      for (Decoder part : parts) {
        result = part.decode(result);
      }
      return result;
    }
  }

  /**
   * Bytes in {@link ByteAlphabet}; a token with other characters stands for itself.
   *
   * @param verbatim tokens that stand for themselves too
   */
  record ByteLevel(Set<String> verbatim) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      byte[] bytes = new byte[64];
      int length = 0;
      for (String token : tokens) {
        if (length + 3L * token.length() > bytes.length) {
          bytes = Arrays.copyOf(bytes, Growth.next(bytes.length, length + 3L * token.length()));
        }
        int end = verbatim.contains(token) ? -1 : bytesOf(token, bytes, length);
        if (end < 0) {
          byte[] utf8 = token.getBytes(StandardCharsets.UTF_8);
          System.arraycopy(utf8, 0, bytes, length, utf8.length);
          end = length + utf8.length;
        }
        length = end;
      }
      return List.of(Utf8.lossy(bytes, length));
    }

    private static int bytesOf(String token, byte[] bytes, int at) {
      for (int i = 0; i < token.length(); i++) {
        int b = ByteAlphabet.byteOf(token.charAt(i));
        if (b < 0) {
          return -1;
        }
        bytes[at + i] = (byte) b;
      }
      return at + token.length();
    }
  }

  /** Other content for the matches of a pattern. */
  record Replace(Replacement replacement) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      TextPattern.Search search = replacement.pattern().open();
      List<String> result = new ArrayList<>(tokens.size());
      long length = 0;
      for (String token : tokens) {
        String replaced = replacement.apply(token.toCharArray(), search, (from, to, match) -> {});
        length += replaced.length();
        replacement.checkSum(length);
        result.add(replaced);
      }
      return result;
    }
  }

  /** Bytes of {@code <0x00>} to {@code <0xFF>}; one U+FFFD for each where they are no UTF-8. */
  record ByteFallback() implements Decoder {
    private static final String REPLACEMENT = String.valueOf(Unicode.REPLACEMENT);

    @Override
    public List<String> decode(List<String> tokens) {
      List<String> result = new ArrayList<>(tokens.size());
      byte[] bytes = new byte[16];
      int length = 0;
      for (String token : tokens) {
        int b = byteOf(token);
        if (b < 0) {
          release(bytes, length, result);
          length = 0;
          result.add(token);
        } else {
          if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Growth.next(length, length + 1L));
          }
          bytes[length++] = (byte) b;
        }
      }
      release(bytes, length, result);
      return result;
    }

    private static void release(byte[] bytes, int length, List<String> result) {
      if (Utf8.isValid(bytes, length)) {
        if (length > 0) {
          result.add(new String(bytes, 0, length, StandardCharsets.UTF_8));
        }
        return;
      }
      for (int i = 0; i < length; i++) {
        result.add(REPLACEMENT);
      }
    }

    private static int byteOf(String token) {
      if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
        return -1;
      }
      int low = digit(token.charAt(4));
      // Rust's numbers may have a sign.
      int high = token.charAt(3) == '+' ? 0 : digit(token.charAt(3));
      return low < 0 || high < 0 ? -1 : 16 * high + low;
    }

    private static int digit(char c) {
      return c < 0x80 ? Character.digit(c, 16) : -1;
    }
  }

  /**
   * Blanks for their character, and the bytes of {@code <0x00>} to {@code <0xFF>} among the text's
   * own, of which what is no UTF-8 becomes U+FFFD.
   *
   * @param dropFirst whether a blank is put before texts, so that one is none of theirs
   * @param verbatim tokens that stand for themselves
   */
  record SentencePiece(boolean dropFirst, Set<String> verbatim) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (String token : tokens) {
        boolean own = verbatim.contains(token);
        int b = own ? -1 : ByteFallback.byteOf(token);
        if (b < 0) {
          String text = own ? token : token.replace(ScoredBpe.BLANK, ' ');
          bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        } else {
          bytes.write(b);
        }
      }
      String text = Utf8.lossy(bytes.toByteArray(), bytes.size());
      return List.of(dropFirst && text.startsWith(" ") ? text.substring(1) : text);
    }
  }

  /** All as one. */
  record Fuse() implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      return List.of(String.join("", tokens));
    }
  }

  /** No more than so many of a character at the ends of each. */
  record Strip(int content, int start, int stop) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      return tokens.stream().map(this::stripped).toList();
    }

    private String stripped(String token) {
      int from = 0;
      int width = Character.charCount(content);
      for (int i = 0; i < start && from < token.length(); i++) {
        if (token.codePointAt(from) != content) {
          break;
        }
        from += width;
      }
      int to = token.length();
      for (int i = 0; i < stop && to > from; i++) {
        if (token.codePointBefore(to) != content) {
          break;
        }
        to -= width;
      }
      return token.substring(from, to);
    }
  }

  /** Blanks for their character; none in the first token where blanks are put before texts. */
  record Metaspace(char replacement, boolean dropFirst) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      List<String> result = new ArrayList<>(tokens.size());
      String word = String.valueOf(replacement);
      for (String token : tokens) {
        result.add(token.replace(word, result.isEmpty() && dropFirst ? "" : " "));
      }
      return result;
    }
  }

  /** Blanks between words, whose later parts begin with a prefix. */
  record WordPiece(String prefix, boolean cleanUp) implements Decoder {
    private static final String[][] CLEANED = {
      {" .", "."},
      {" ?", "?"},
      {" !", "!"},
      {" ,", ","},
      {" ' ", "'"},
      {" n't", "n't"},
      {" 'm", "'m"},
      {" do not", " don't"},
      {" 's", "'s"},
      {" 've", "'ve"},
      {" 're", "'re"}
    };

    @Override
    public List<String> decode(List<String> tokens) {
      List<String> result = new ArrayList<>(tokens.size());
      for (String token : tokens) {
        String text = token;
        if (!result.isEmpty()) {
          text = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
        }
        if (cleanUp) {
          for (String[] each : CLEANED) {
            text = text.replace(each[0], each[1]);
          }
        }
        result.add(text);
      }
      return result;
    }
  }

  /** A blank for the suffix of each word but the last. */
  record BpeSuffix(String suffix) implements Decoder {
    @Override
    public List<String> decode(List<String> tokens) {
      List<String> result = new ArrayList<>(tokens.size());
      for (String token : tokens) {
        result.add(token.replace(suffix, result.size() == tokens.size() - 1 ? "" : " "));
      }
      return result;
    }
  }
}
