/** An application on the module path: it needs one jar and no flags but the Vector API's. */
module com.example.attention {
  requires org.resa4j.core;
}
