package com.example.spring;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import reactor.core.publisher.Flux;

/** Asks a server what is on the command line, and prints the answer as it comes. */
@SpringBootApplication
public class Ask {
  private final ChatClient client;
  private final String url;

  Ask(
      ChatClient.Builder clients,
      @Value("${spring.ai.openai.base-url}") String url,
      @Value("${spring.ai.openai.timeout}") Duration timeout) {
    // Spring AI 2.0.1 itself passes its property over, and ends every answer after a minute.
    this.client = clients.defaultOptions(OpenAiChatOptions.builder().timeout(timeout)).build();
    this.url = url;
  }

  public static void main(String[] args) {
    int code;
    try (ConfigurableApplicationContext context = SpringApplication.run(Ask.class, args)) {
      // What begins with -- is configuration, such as --spring.ai.openai.chat.temperature=0.
      var words = context.getBean(ApplicationArguments.class).getNonOptionArgs();
      code = context.getBean(Ask.class).print(String.join(" ", words));
    }
    // Idle threads of the HTTP client would keep the process for another minute.
    System.exit(code);
  }

  /** The answer in pieces, as they come; a controller may return it as it is. */
  Flux<String> answer(String question) {
    return client.prompt().user(question).stream().content();
  }

  private int print(String question) {
    if (question.isBlank()) {
      System.err.println("usage: java -jar resa-spring-1.0.jar QUESTION");
      return 2;
    }
    try {
      answer(question).doOnNext(System.out::print).blockLast();
      System.out.println();
      return 0;
    } catch (RuntimeException e) {
      Throwable cause = NestedExceptionUtils.getMostSpecificCause(e);
      System.err.println("ask: " + cause.getMessage());
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        System.err.println("     is a server at " + url + "? ./resa serve starts one");
      }
      return 1;
    }
  }
}
